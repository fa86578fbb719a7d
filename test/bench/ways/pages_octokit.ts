/** Page after page with @octokit/graphql; tells how many items and how long it took. */
import { graphql } from '@octokit/graphql'

const ACTIONS = `
  query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`

const headers = { authorization: 'Bearer token-of-the-benchmark' }
const wfgen = graphql.defaults({ baseUrl: `${process.env['BENCH_URL']}/wfgen`, headers })
const startedMs = performance.now()
let count = 0
for (let page = 1, more = true; more; page++) {
  const { actions } = await wfgen(ACTIONS, { page, size: 100 })
  for (const action of actions.items) if (action.id) count++
  more = actions.hasNextPage
}
console.log(JSON.stringify({ count, ms: performance.now() - startedMs }))
