import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { refusedUrl } from '../_server.ts'
import { assertFailed, steps } from '../cli/_doctor.ts'

const settings = suite('cli/doctor/settings')

const OTHERS = {
  WFG_GRAPHQL_URL: 'https://workflow.example.com/wfgen/graphql',
  WFG_AUDIENCE: 'https://workflow.example.com/wfgen/graphql',
}

/** Issuer, and where a client ID is found then. */
for (const [issuer, place] of [
  ['https://acme.eu.auth0.com/', /\nAuth0: WFG_CLIENT_ID is the Client ID: Auth0, Applications > /],
  ['https://login.microsoftonline.com/t/v2.0', /\nMicrosoft Entra ID: WFG_CLIENT_ID is the Application \(client\) ID/],
  [
    'https://sts.windows.net/t/',
    /\nAzure AD v1, .*: WFG_CLIENT_SECRET is the client secret: Entra admin center, App registrations/,
  ],
  ['https://adfs.example.com/adfs', /\nAD FS 2016 or newer: WFG_CLIENT_ID is .*: AD FS Management, Application Groups/],
  [
    'https://acme.okta.com/oauth2/default',
    /\nOkta: WFG_CLIENT_ID is the Client ID: Okta admin console, Applications > /,
  ],
] as const) {
  settings(`names every missing setting, and where it is found with ${issuer}`, async () => {
    const found = await steps({ ...OTHERS, WFG_ISSUER: issuer })
    assertFailed(found, 'settings', 2, /^Cannot use the settings of the profile "default"$/, place)
    assert.match(found.last.remedy, /WFG_CLIENT_ID is not set; .*\n.*WFG_CLIENT_SECRET is not set.*\n/)
    assert.match(found.last.remedy, /\.env\.example explains each/)
  })
}

settings('describes all providers where nothing says which it is', async () => {
  const found = await steps(OTHERS)
  assertFailed(found, 'settings', 2, /profile "default"/, /WFG_ISSUER is not set[\s\S]* {3}Auth0:\n[\s\S]* {3}Okta:\n/)
})

settings('says what is wrong with a value, and not the value', async () => {
  const found = await steps({ ...OTHERS, WFG_ISSUER: 'http://S3cr3t.example.com' })
  assertFailed(found, 'settings', 2, /profile/, /WFG_ISSUER must be an https URL/)
  assert.not.match(found.out, /S3cr3t/)
})

for (const [secret, warning] of [
  ['open', /; the client secret is shorter than 6 characters, so it is not masked in the output$/],
  ['workflow', /; the client secret is an ordinary word, which is masked wherever it occurs in the output$/],
  ['Password', /is an ordinary word/],
  ['xkcd-936-horse', undefined],
] as const) {
  settings(`${warning ? 'warns of' : 'accepts'} the secret ${secret}`, async () => {
    const refused = await refusedUrl()
    const { steps: found, out } = await steps({
      ...OTHERS,
      WFG_TOKEN_ENDPOINT: `${refused}/oauth/token`,
      WFG_PROVIDER: 'auth0',
      WFG_CLIENT_ID: 'client-of-the-test',
      WFG_CLIENT_SECRET: secret,
    })
    const [{ status, detail, remedy }] = found as [(typeof found)[number]]
    assert.is(status, warning ? 'warning' : 'ok')
    if (warning) assert.match(detail, warning)
    assert.is(remedy === null, warning === undefined)
    assert.not.match(out.replace('ordinary word', ''), secret)
  })
}

settings('warns of the password of the database', async () => {
  const { steps: found } = await steps({
    ...OTHERS,
    WFG_TOKEN_ENDPOINT: `${await refusedUrl()}/oauth/token`,
    WFG_PROVIDER: 'auth0',
    WFG_CLIENT_ID: 'client-of-the-test',
    WFG_CLIENT_SECRET: 'xkcd-936-horse',
    WFG_DATABASE_URL: 'postgres://wfg:wfg@localhost/wfg',
  })
  assert.match(found[0]!.detail, /the password in WFG_DATABASE_URL is shorter than 6 characters/)
})

settings('names the profiles where there is none of that name', async () => {
  const found = await steps({}, { flags: { profile: 'prod' } })
  assert.equal([found.last.name, found.last.status, found.exitCode], ['settings', 'failed', 2])
  assert.match(found.last.detail, /no file "\.env\.prod".* Choose one of them, or write that file/)
})

settings('a CI job that lost its settings is not taken for a beginner', async () => {
  const found = await steps({ CI: 'true' })
  assertFailed(found, 'settings', 2, /profile "default"/, /WFG_GRAPHQL_URL is not set/)
})

settings.run()
