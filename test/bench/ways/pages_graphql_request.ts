/** Page after page with graphql-request; tells how many items and how long it took. */
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
const startedMs = performance.now()
let count = 0
for (let page = 1, more = true; more; page++) {
  const { actions } = await graphql.request(Actions, { page, size: 100 })
  for (const action of actions.items) if (action.id) count++
  more = actions.hasNextPage
}
console.log(JSON.stringify({ count, ms: performance.now() - startedMs }))
