/** One query with nothing but `fetch`; runs on Deno as well. */
import process from 'node:process'

const url = process.env['BENCH_URL']!
const granted = await fetch(`${url}/oauth/token`, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'client-of-the-benchmark',
    client_secret: 'secret',
    audience: `${url}/wfgen/graphql`,
  }),
})
const { access_token } = (await granted.json()) as { access_token: string }
const answered = await fetch(`${url}/wfgen/graphql`, {
  method: 'POST',
  headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
  body: JSON.stringify({
    query: `query Actions($page: Int, $size: Int) {
      actions(page: { number: $page, size: $size }) {
        totalCount hasNextPage
        items { id number name openedAt closedAt assignee { userName } request { number } }
      }
    }`,
  }),
})
interface Action {
  name: string
  assignee: { userName: string } | null
  request: { number: number }
}
const { data } = (await answered.json()) as { data: { actions: { items: Action[] } } }
for (const { request, name, assignee } of data.actions.items) {
  console.log(JSON.stringify({ request: request.number, action: name, assignee: assignee?.userName }))
}
