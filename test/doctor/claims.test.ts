import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { payloadOf } from '../../runtime/doctor/claims.ts'
import { type Reply, withServer } from '../_server.ts'
import { settingsFor } from '../cli/_configured.ts'
import { assertFailed, type ExaminedSteps, jwtOf, steps } from '../cli/_doctor.ts'

const claims = suite('cli/doctor/claims')

const AUDIENCE = 'https://workflow.example.com/wfgen/graphql'
const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3600
const PAGE: Reply = { status: 404, body: 'nothing here' }
const WELL: Reply[] = [{ body: { data: { __typename: 'Query' } } }, { body: { data: { viewer: { userName: 'ada' } } } }]

async function withToken(
  token: string | object,
  settings: Record<string, string>,
  check: (found: ExaminedSteps) => void,
  more: { fails?: boolean; page?: Reply } = {},
): Promise<void> {
  const access_token = typeof token === 'string' ? token : jwtOf(token)
  const issued: Reply = { body: { access_token, token_type: 'Bearer', expires_in: 3600 } }
  const replies = [more.page ?? PAGE, issued, ...(more.fails ? [] : WELL)]
  await withServer(replies, async (server) => {
    const found = await steps({ ...settingsFor(server), ...settings })
    assert.not.match(found.out, new RegExp(access_token.replaceAll('.', '\\.')))
    check(found)
  })
}

function claimsOf({ steps }: ExaminedSteps) {
  return steps.find(({ name }) => name === 'claims')!
}

claims('what fits is shown: audience, issuer, client, and how long it lives', () =>
  withToken(
    { aud: [AUDIENCE, 'https://other'], iss: 'https://acme.eu.auth0.com/', azp: 'client-of-the-test', exp: IN_AN_HOUR },
    {},
    (found) => {
      const { status, detail } = claimsOf(found)
      assert.is(status, 'ok')
      assert.match(
        detail,
        /^aud \["https:\/\/workflow.example.com\/wfgen\/graphql","https:\/\/other"\], iss "https:\/\/acme.eu.auth0.com\/", azp "client-of-the-test", expires in (59 min \d+ s|1 h)$/,
      )
    },
  ),
)

claims('a token for another API is a failure where the provider promises the audience', async () => {
  for (const provider of ['auth0', 'adfs']) {
    await withToken(
      { aud: 'https://other.example.com', exp: IN_AN_HOUR },
      { WFG_PROVIDER: provider },
      (found) =>
        assertFailed(
          found,
          'claims',
          3,
          /^the token is for "https:\/\/other.example.com", not for "https:\/\/workflow.example.com/,
          /^Set WFG_AUDIENCE to the exact identifier/,
        ),
      { fails: true },
    )
  }
})

claims('a token for another API is a warning where it may be named otherwise', async () => {
  await withToken({ aud: 'other', exp: IN_AN_HOUR }, { WFG_PROVIDER: 'okta' }, (found) => {
    assert.is(claimsOf(found).status, 'warning')
    assert.match(claimsOf(found).remedy!, /Authorization Servers|authorization server > Settings, Audience/)
    assert.ok(found.ok)
  })
  await withToken({ aud: '5f3e8c1a-0000-4a4b-9d5e-2f8a6f6e0100' }, { WFG_PROVIDER: 'entra' }, (found) =>
    assert.is(claimsOf(found).status, 'ok'),
  )
})

claims("AD FS's own names are known", async () => {
  await withToken({ aud: `microsoft:identityserver:${AUDIENCE}` }, { WFG_PROVIDER: 'adfs' }, (found) =>
    assert.is(claimsOf(found).status, 'ok'),
  )
  await withToken(
    { aud: 'urn:microsoft:userinfo' },
    { WFG_PROVIDER: 'oidc' },
    (found) => assertFailed(found, 'claims', 3, /the request named no API/, /Web API > Identifiers/),
    { fails: true },
  )
})

claims('an opaque token is a failure where no audience was asked for', () =>
  withToken(
    'opaque-token-of-some-length',
    { WFG_PROVIDER: 'oidc', WFG_AUDIENCE: '' },
    (found) =>
      assertFailed(
        found,
        'claims',
        3,
        /^the token is opaque \(not a JWT\), because it was requested without an audience/,
        /^Set WFG_AUDIENCE .* WFG_PROVIDER=auth0 as well; .*Applications > APIs > the API > Settings > Identifier\.$/,
      ),
    { fails: true },
  ),
)

claims('an opaque token is a warning where one was, for tokens are opaque by their specification', async () => {
  await withToken('opaque-token-of-some-length', {}, (found) => assert.is(claimsOf(found).status, 'warning'))
  await withToken('aaaaaaaaa.b.c.d.eeeeeeeee', {}, (found) => assert.match(claimsOf(found).detail, /encrypted/))
})

claims('an issuer that differs is a warning, a slash at its end is not', async () => {
  const settings = { WFG_PROVIDER: 'oidc', WFG_ISSUER: 'https://acme.example.com' }
  await withToken({ aud: AUDIENCE, iss: 'https://acme.example.com/' }, settings, (found) =>
    assert.is(claimsOf(found).status, 'ok'),
  )
  await withToken({ aud: AUDIENCE, iss: 'https://other.example.com/' }, settings, (found) => {
    assert.is(claimsOf(found).status, 'warning')
    assert.match(claimsOf(found).detail, /"https:\/\/other.example.com\/", and WFG_ISSUER is "https:\/\/acme/)
  })
})

claims('version 1 tokens of Entra are a warning that names the manifest', () =>
  withToken(
    { aud: AUDIENCE, iss: 'https://sts.windows.net/t/' },
    { WFG_PROVIDER: 'entra', WFG_ISSUER: 'https://login.microsoftonline.com/t/v2.0' },
    (found) => {
      assert.is(claimsOf(found).status, 'warning')
      assert.match(claimsOf(found).remedy!, /Manifest, set requestedAccessTokenVersion/)
    },
  ),
)

claims(
  "a token that has expired by the provider's clock is a failure, by a wrong clock of ours it is not",
  async () => {
    const expired = { aud: AUDIENCE, exp: IN_AN_HOUR - 2 * 3600 }
    const check = (found: ExaminedSteps) =>
      assertFailed(found, 'claims', 3, /expired (59 min \d+ s|1 h( \d+ s)?) ago/, /clocks/)
    await withToken(expired, {}, check, { fails: true })
    const date = new Date(Date.now() - 2 * 3_600_000).toUTCString()
    await withToken(expired, {}, (found) => assert.is(claimsOf(found).status, 'ok'), {
      page: { ...PAGE, headers: { date } },
    })
  },
)

for (const token of ['', 'a.b.c', 'a.b', `x.${Buffer.from('[').toString('base64url')}.y`, `x.${btoa('null')}.y`]) {
  claims(`payloadOf() is undefined for ${JSON.stringify(token)}`, () => {
    assert.is(payloadOf(token), undefined)
  })
}

claims.run()
