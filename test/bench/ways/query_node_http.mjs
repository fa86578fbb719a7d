/** One query with `node:http` and nothing else: the floor. */
import { Agent, request } from 'node:http'

const url = process.env['BENCH_URL']
const agent = new Agent({ keepAlive: true })

const { access_token } = await post(
  '/oauth/token',
  'application/x-www-form-urlencoded',
  {},
  `${new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'client-of-the-benchmark',
    client_secret: 'secret',
    audience: `${url}/wfgen/graphql`,
  })}`,
)
const { data } = await post(
  '/wfgen/graphql',
  'application/json',
  { authorization: `Bearer ${access_token}` },
  JSON.stringify({
    query: `query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`,
  }),
)
for (const { request, name, assignee } of data.actions.items) {
  console.log(JSON.stringify({ request: request.number, action: name, assignee: assignee?.userName }))
}
agent.destroy()

/** @type {(path: string, type: string, headers: Record<string, string>, body: string) => Promise<any>} */
function post(path, type, headers, body) {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-type': type, 'content-length': Buffer.byteLength(body) },
    }
    const sent = request(`${url}${path}`, options, (response) => {
      /** @type {Buffer[]} */
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
