/** One query with what most would reach for: openid-client, which discovers the endpoint, and graphql-request. */
import { GraphQLClient, gql } from 'graphql-request'
import * as client from 'openid-client'

const url = process.env['BENCH_URL']!
const configuration = await client.discovery(new URL(url), 'client-of-the-benchmark', 'secret', undefined, {
  execute: [client.allowInsecureRequests],
})
const { access_token } = await client.clientCredentialsGrant(configuration, { audience: `${url}/wfgen/graphql` })
const graphql = new GraphQLClient(`${url}/wfgen/graphql`, { headers: { authorization: `Bearer ${access_token}` } })
const { actions } = await graphql.request(gql`
  query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`)
for (const { request, name, assignee } of actions.items) {
  console.log(JSON.stringify({ request: request.number, action: name, assignee: assignee?.userName }))
}
