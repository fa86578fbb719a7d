/** One mutation after another with graphql-request; tells how many and how long it took. */
import { GraphQLClient, gql } from 'graphql-request'

const StartRequest = gql`
  mutation StartRequest($process: String!, $parameters: [ParameterInput!]!) {
    createRequest(input: { processName: $process, parameters: $parameters }) {
      request { number }
    }
  }`

const headers = { authorization: 'Bearer token-of-the-benchmark' }
const graphql = new GraphQLClient(`${process.env['BENCH_URL']}/wfgen/graphql`, { headers })
const startedMs = performance.now()
let count = 0
for (let at = 0; at < Number(process.argv[2]); at++) {
  const parameters = [{ name: 'SUBJECT', textValue: `Order ${at}` }]
  const { createRequest } = await graphql.request(StartRequest, { process: 'PURCHASE_ORDER', parameters })
  if (createRequest.request.number) count++
}
console.log(JSON.stringify({ count, ms: performance.now() - startedMs }))
