import { generateKeyPair, SignJWT } from 'jose'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { APPLICATIONS, AUDIENCE } from '../../../runtime/sandbox/mod.ts'
import { type Caller, decode, withSandbox } from '../_sandbox.ts'

const bearer = suite('bearer')
const VIEWER = '{ viewer { userName } }'

async function refusal({ sandbox }: Caller, authorization: string | undefined) {
  const response = await fetch(sandbox.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
    body: JSON.stringify({ query: VIEWER }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

bearer('identifyCaller() makes the user of the registered application the viewer', () =>
  withSandbox(async ({ data }) => {
    assert.equal(await data(VIEWER), { viewer: { userName: 'john_smith' } })
    assert.equal(await data(VIEWER, {}, { application: APPLICATIONS.clerk }), { viewer: { userName: 'emma_clark' } })
  }),
)

bearer('identifyCaller() refuses with 401 and an HTML page without a bearer token', () =>
  withSandbox(async (caller) => {
    for (const authorization of [undefined, 'Basic abc', 'Bearer']) {
      const { status, headers, text } = await refusal(caller, authorization)
      assert.is(status, 401)
      assert.match(headers.get('content-type') ?? '', /^text\/html/)
      assert.match(text, 'The request has no bearer token.')
    }
  }),
)

bearer('identifyCaller() refuses an opaque token, issued without an audience', () =>
  withSandbox(async (caller) => {
    const { clientId, clientSecret } = APPLICATIONS.scripts
    const parameters = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
    const opaque = JSON.parse((await caller.requestToken(parameters)).text).access_token
    const { status, text } = await refusal(caller, `Bearer ${opaque}`)
    assert.is(status, 401)
    assert.match(text, 'The bearer token is not valid')
  }),
)

bearer('identifyCaller() refuses a token that is signed with another key', () =>
  withSandbox(async (caller) => {
    const { privateKey } = await generateKeyPair('RS256')
    const token = await caller.token()
    const forged = await new SignJWT(decode(token, 1))
      .setProtectedHeader({ ...decode(token, 0), alg: 'RS256' })
      .sign(privateKey)
    assert.is((await refusal(caller, `Bearer ${forged}`)).status, 401)
  }),
)

bearer('identifyCaller() refuses a token of another sandbox', () =>
  withSandbox(async (caller) => {
    await withSandbox(async (other) => {
      assert.is((await refusal(caller, `Bearer ${await other.token()}`)).status, 401)
    })
  }),
)

bearer('identifyCaller() refuses a token of a sandbox that was at the same address before', async () => {
  let token = ''
  let port = 0
  await withSandbox(async (former) => {
    token = await former.token()
    port = Number(new URL(former.sandbox.origin).port)
  })
  await withSandbox(async (caller) => assert.is((await refusal(caller, `Bearer ${token}`)).status, 401), { port })
})

bearer('identifyCaller() refuses a token that has expired', () =>
  withSandbox(
    async (caller) => {
      const token = await caller.token()
      const { exp } = decode(token, 1)
      while (Date.now() < Number(exp) * 1000) await new Promise((resolve) => setTimeout(resolve, 50))
      assert.is((await refusal(caller, `Bearer ${token}`)).status, 401)
    },
    { tokenLifetimeSeconds: 1 },
  ),
)

bearer('identifyCaller() refuses a valid token of an application that WorkflowGen does not know', () =>
  withSandbox(async (caller) => {
    const { status, text } = await refusal(caller, `Bearer ${await caller.token(APPLICATIONS.unregistered)}`)
    assert.is(status, 401)
    assert.match(text, 'No application with the client ID &#34;sandbox-unregistered&#34; is registered.')
  }),
)

bearer('identifyCaller() refuses a valid token of an application that is not active', () =>
  withSandbox(async (caller) => {
    const { status, text } = await refusal(caller, `Bearer ${await caller.token(APPLICATIONS.inactive)}`)
    assert.is(status, 401)
    assert.match(text, 'is not active')
  }),
)

bearer('identifyCaller() refuses as the option `refusal` says', () =>
  withSandbox(
    async (caller) => {
      const { status, headers, text } = await refusal(caller, undefined)
      assert.is(status, 403)
      assert.match(headers.get('content-type') ?? '', /^application\/json/)
      assert.equal(JSON.parse(text), { error: 'The request has no bearer token.' })
    },
    { refusal: { status: 403, html: false } },
  ),
)

bearer('identifyCaller() lets an allowed user impersonate another by header', () =>
  withSandbox(async ({ graphql }) => {
    const headers = { 'x-wfgen-impersonate-username': 'maria_garcia' }
    assert.equal((await graphql(VIEWER, {}, { headers })).data, { viewer: { userName: 'maria_garcia' } })
  }),
)

bearer(
  'identifyCaller() refuses with 403 if the user may not impersonate, or the other user is unknown or inactive',
  () =>
    withSandbox(async ({ sandbox, token }) => {
      const status = async (application: (typeof APPLICATIONS)['clerk'], userName: string) => {
        const authorization = `Bearer ${await token(application)}`
        const headers = { authorization, 'x-wfgen-impersonate-username': userName }
        return (await fetch(`${sandbox.graphqlUrl}?query=${encodeURIComponent(VIEWER)}`, { headers })).status
      }
      assert.is(await status(APPLICATIONS.clerk, 'maria_garcia'), 403)
      assert.is(await status(APPLICATIONS.scripts, 'nobody'), 403)
      assert.is(await status(APPLICATIONS.scripts, 'carl_jensen'), 403)
    }),
)

bearer('the audience in the settings is accepted', () =>
  withSandbox(async ({ sandbox, token }) => {
    assert.is(sandbox.settings['WFG_AUDIENCE'], AUDIENCE)
    assert.is(decode(await token(), 1)['aud'], AUDIENCE)
  }),
)

bearer.run()
