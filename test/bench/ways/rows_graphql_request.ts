/** All actions with graphql-request: collected, then printed as JSON, an item a line. */
import { GraphQLClient, gql } from 'graphql-request'

const Actions = gql`
  query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`

const headers = { authorization: 'Bearer token-of-the-benchmark' }
const graphql = new GraphQLClient(`${process.env['BENCH_URL']}/wfgen/graphql`, { headers })
const items = []
for (let page = 1, more = true; more; page++) {
  const { actions } = await graphql.request(Actions, { page, size: 100 })
  items.push(...actions.items)
  more = actions.hasNextPage
}
console.log(`[${items.map((item) => JSON.stringify(item)).join(',\n')}]`)
