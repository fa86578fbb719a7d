import { request as httpRequest } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GraphQLStatuses } from '../../../runtime/sandbox/graphql/graphql_http.ts'
import { type Caller, withSandbox } from '../_sandbox.ts'

const http = suite('graphql_http')
const VIEWER = '{ viewer { userName } }'
const JOHN = { data: { viewer: { userName: 'john_smith' } } }

async function send({ sandbox, token }: Caller, init: RequestInit & { search?: Record<string, string> }) {
  const url = new URL(sandbox.graphqlUrl)
  for (const [name, value] of Object.entries(init.search ?? {})) url.searchParams.set(name, value)
  const headers = { authorization: `Bearer ${await token()}`, ...(init.headers as Record<string, string>) }
  const response = await fetch(url, { ...init, headers })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}

function post(type: string, body: string) {
  return { method: 'POST', headers: { 'content-type': type }, body }
}

const json = (body: unknown) => post('application/json', JSON.stringify(body))

http('a query is answered with 200 and JSON whatever the client accepts, without an `errors` key', () =>
  withSandbox(async (caller) => {
    for (const accept of [
      'application/json',
      'application/graphql-response+json',
      'multipart/form-data',
      'text/plain',
      '*/*',
    ]) {
      const init = json({ query: VIEWER, variables: {}, operationName: '' })
      const { status, headers, body } = await send(caller, { ...init, headers: { ...init.headers, accept } })
      assert.is(status, 200)
      assert.is(headers.get('content-type'), 'application/json; charset=utf-8')
      assert.equal(body, JOHN)
    }
  }),
)

http('a query can come by GET, in the query string', () =>
  withSandbox(async (caller) => {
    const query = 'query A($n: Int) { request(number: $n) { number } } query B { viewer { userName } }'
    const search = { query, variables: '{"n":3}', operationName: 'A' }
    assert.equal((await send(caller, { search })).body, { data: { request: { number: 3 } } })
  }),
)

http('a query can come by GET in a JSON body', () =>
  withSandbox(async ({ sandbox, token }) => {
    const body = JSON.stringify({ query: 'query ($n: Int) { request(number: $n) { number } }', variables: { n: 3 } })
    const headers = {
      authorization: `Bearer ${await token()}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const text = await new Promise<string>((resolve, reject) => {
      const request = httpRequest(sandbox.graphqlUrl, { method: 'GET', headers }, async (response) => {
        let received = ''
        for await (const chunk of response) received += chunk
        resolve(received)
      })
      request.on('error', reject)
      request.end(body)
    })
    assert.equal(JSON.parse(text), { data: { request: { number: 3 } } })
  }),
)

http('a query can come as a form, and as application/graphql', () =>
  withSandbox(async (caller) => {
    const form = new URLSearchParams({ query: VIEWER, variables: '{}' }).toString()
    assert.equal((await send(caller, post('application/x-www-form-urlencoded', form))).body, JOHN)
    assert.equal((await send(caller, post('application/graphql', VIEWER))).body, JOHN)
  }),
)

http('the query string overrides the body', () =>
  withSandbox(async (caller) => {
    const init = json({ query: '{ nothing }', variables: { n: 1 } })
    assert.equal((await send(caller, { ...init, search: { query: VIEWER } })).body, JOHN)
  }),
)

http('the path can end with a slash, and its case does not matter', () =>
  withSandbox(async ({ get, token }) => {
    const headers = { authorization: `Bearer ${await token()}` }
    for (const path of ['/wfgen/graphql/', '/wfgen/graphQL', '/WFGEN/GRAPHQL/']) {
      const { status, text } = await get(`${path}?query=${encodeURIComponent(VIEWER)}`, headers)
      assert.is(status, 200, path)
      assert.equal(JSON.parse(text), JOHN)
    }
  }),
)

/** Status of each kind of answer, and its first message. */
async function answers(statuses: GraphQLStatuses | undefined): Promise<string[]> {
  const lines: string[] = []
  await withSandbox(
    async (caller) => {
      const create = 'mutation { createRequest(input: { processName: "NONE" }) { clientMutationId } }'
      for (const init of [
        json({ query: '{ viewer ' }),
        json({ query: '{ nothing }' }),
        json({ variables: {} }),
        post('application/json', '{"query":'),
        post('text/plain', VIEWER),
        { search: { query: VIEWER, variables: '{' } },
        json({ query: 'query ($n: Int!) { request(number: $n) { id } }' }),
        json({ query: create }),
        json({ query: '{ request(number: 9999) { id } }' }),
        { search: { query: create } },
        { method: 'PUT', search: { query: VIEWER } },
      ]) {
        const { status, headers, body } = await send(caller, init)
        assert.is('data' in body, status === 200 && !/Syntax|Cannot query|Variable/.test(body.errors[0].message))
        assert.not('extensions' in body.errors[0])
        lines.push(`${status} ${headers.get('allow') ?? '-'} ${body.errors[0].message}`)
      }
    },
    { graphqlStatuses: statuses },
  )
  return lines
}

http('statuses are those of express-graphql', async () => {
  assert.equal(await answers(undefined), [
    '400 - Syntax Error: Expected Name, found <EOF>.',
    '400 - Cannot query field "nothing" on type "Query".',
    '400 - Must provide query string.',
    '400 - POST body sent invalid JSON.',
    '400 - Must provide query string.',
    '400 - Variables are invalid JSON.',
    '500 - Variable "$n" of required type "Int!" was not provided.',
    '200 - Process "NONE" not found.',
    '200 - Request 9999 not found.',
    '405 POST Can only perform a mutation operation from a POST request.',
    '405 GET, POST GraphQL only supports GET and POST requests.',
  ])
})

http("statuses are 200 for GraphQL's own errors with always-200", async () => {
  assert.equal(
    (await answers('always-200')).map((line) => line.slice(0, 3)),
    ['200', '200', '400', '400', '400', '400', '200', '200', '200', '405', '405'],
  )
})

http('the status is 500 if data is null', () =>
  withSandbox(
    async (caller) => {
      const query = 'mutation { createRequest(input: { processName: "NONE" }) { clientMutationId } }'
      const { status, body } = await send(caller, json({ query }))
      assert.is(status, 500)
      assert.is(body.data, null)
    },
    { nonNullPayloads: true },
  ),
)

http('an array of operations is refused', () =>
  withSandbox(async (caller) => {
    const { status } = await send(caller, json([{ query: VIEWER }]))
    assert.is(status, 400)
  }),
)

http.run()
