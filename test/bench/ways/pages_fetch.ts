/** Page after page with nothing but `fetch`; tells how many items and how long it took. */
import process from 'node:process'

const ACTIONS = `
  query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`

interface Answer {
  data: { actions: { hasNextPage: boolean; items: { id: string }[] } }
}

const startedMs = performance.now()
let count = 0
for (let page = 1, more = true; more; page++) {
  const response = await fetch(`${process.env['BENCH_URL']}/wfgen/graphql`, {
    method: 'POST',
    headers: { authorization: 'Bearer token-of-the-benchmark', 'content-type': 'application/json' },
    body: JSON.stringify({ query: ACTIONS, variables: { page, size: 100 } }),
  })
  const { data } = (await response.json()) as Answer
  for (const action of data.actions.items) if (action.id) count++
  more = data.actions.hasNextPage
}
console.log(JSON.stringify({ count, ms: performance.now() - startedMs }))
