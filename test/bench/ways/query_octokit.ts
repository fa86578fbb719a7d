/** One query with @octokit/graphql, and `fetch` for the token. */
import { graphql } from '@octokit/graphql'

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
const wfgen = graphql.defaults({ baseUrl: `${url}/wfgen`, headers: { authorization: `Bearer ${access_token}` } })
const { actions } = await wfgen(`
  query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`)
for (const { request, name, assignee } of actions.items) {
  console.log(JSON.stringify({ request: request.number, action: name, assignee: assignee?.userName }))
}
