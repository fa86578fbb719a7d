/** Page after page with `node:http` and nothing else, the floor; tells how many items and how long it took. */
import { Agent, request } from 'node:http'

const ACTIONS = `
  query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`

const agent = new Agent({ keepAlive: true })
const startedMs = performance.now()
let count = 0
for (let page = 1, more = true; more; page++) {
  const { actions } = await ask({ page, size: 100 })
  for (const action of actions.items) if (action.id) count++
  more = actions.hasNextPage
}
console.log(JSON.stringify({ count, ms: performance.now() - startedMs }))
agent.destroy()

/** @type {(variables: object) => Promise<any>} */
function ask(variables) {
  const body = JSON.stringify({ query: ACTIONS, variables })
  const headers = {
    authorization: 'Bearer token-of-the-benchmark',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((resolve, reject) => {
    const sent = request(
      `${process.env['BENCH_URL']}/wfgen/graphql`,
      { method: 'POST', agent, headers },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()).data))
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
