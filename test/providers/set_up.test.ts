import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { typedWord } from '../../runtime/host/user_shell.ts'
import { planTokenRequest, providerProblems } from '../../runtime/providers/providers.ts'
import { GRAPHQL_URL, GUIDES, renderSteps } from '../../runtime/providers/set_up.ts'
import { readConfig } from '../../runtime/settings/config.ts'
import { PROVIDERS, RULES } from '../../runtime/settings/setting_rules.ts'

const guides = suite('providers/set_up')

type Provider = keyof typeof GUIDES
const names = Object.keys(GUIDES) as Provider[]

/** Provider, what is typed for the issuer, the issuer that this is, and where the token is asked for then. */
const ISSUERS: readonly (readonly [Provider, typed: string, issuer: string, tokenEndpoint: string | undefined])[] = [
  ['auth0', 'acme.eu.auth0.com', 'https://acme.eu.auth0.com/', 'https://acme.eu.auth0.com/oauth/token'],
  ['auth0', 'https://login.acme.com', 'https://login.acme.com/', 'https://login.acme.com/oauth/token'],
  [
    'entra',
    '1b2c-tenant',
    'https://login.microsoftonline.com/1b2c-tenant/v2.0',
    'https://login.microsoftonline.com/1b2c-tenant/oauth2/v2.0/token',
  ],
  [
    'entra-v1',
    '1b2c-tenant',
    'https://sts.windows.net/1b2c-tenant/',
    'https://login.microsoftonline.com/1b2c-tenant/oauth2/token',
  ],
  ['adfs', 'adfs.example.com', 'https://adfs.example.com/adfs', 'https://adfs.example.com/adfs/oauth2/token'],
  [
    'adfs',
    'https://adfs.example.com/adfs',
    'https://adfs.example.com/adfs',
    'https://adfs.example.com/adfs/oauth2/token',
  ],
  [
    'okta',
    'https://acme.okta.com/oauth2/default/',
    'https://acme.okta.com/oauth2/default',
    'https://acme.okta.com/oauth2/default/v1/token',
  ],
  ['oidc', 'https://login.example.com/x/', 'https://login.example.com/x/', undefined],
]

for (const [provider, typed, issuer, tokenEndpoint] of ISSUERS) {
  guides(`${provider}: ${typed} is the issuer ${issuer}`, () => {
    const question = GUIDES[provider].questions.find(({ name }) => name === 'WFG_ISSUER')!
    const completed = question.complete?.(typed) ?? typed
    assert.is(completed, issuer)
    const config = configOf(provider, { WFG_ISSUER: completed })
    assert.is(planTokenRequest(config).tokenEndpoint?.href, tokenEndpoint)
  })
}

guides('there is one for every provider, and its examples are settings that can be used', () => {
  assert.equal(names.toSorted(), PROVIDERS.filter((name) => name !== 'sandbox').toSorted())
  for (const provider of names) assert.is(configOf(provider, {}).provider, provider)
})

guides('every step is filled in, and no command holds a secret', () => {
  for (const provider of names) {
    const settings = { WFG_CLIENT_ID: 'client-17', WFG_AUDIENCE: 'urn:api', WFG_CLIENT_SECRET: 's3cret' }
    const text = renderSteps(provider, settings, 200)
    assert.match(text, /^\nSet up once:\n\n1\. /)
    assert.match(text.replaceAll(/\s+/g, ' '), /"Non-interactive Client", .* Client ID client-17, Active checked\./)
    assert.not.match(text, /s3cret|undefined/)
  }
  const auth0 = renderSteps('auth0', { WFG_CLIENT_ID: 'client-17', WFG_AUDIENCE: 'a "b' }, 80)
  assert.match(
    auth0,
    `\n  auth0 client-grants create -c client-17 -a ${typedWord('a "b')} --subject-type client --allow-all-scopes --json\n`,
  )
})

guides('steps are broken to fit the terminal', () => {
  const lines = renderSteps('okta', { WFG_CLIENT_ID: 'client-17' }, 60).split('\n')
  assert.ok(Math.max(...lines.map((line) => line.length)) <= 60)
})

function configOf(provider: Provider, given: Record<string, string>) {
  const questions = [GRAPHQL_URL, ...GUIDES[provider].questions]
  const examples = questions.flatMap(({ name, example, complete = (answer: string) => answer }) =>
    example === undefined ? [] : [[name, complete(example)]],
  )
  const settings = {
    ...Object.fromEntries(examples),
    WFG_PROVIDER: provider,
    WFG_CLIENT_ID: 'client-17',
    WFG_CLIENT_SECRET: 'a secret',
    ...given,
  }
  for (const name of Object.keys(settings)) assert.ok(name in RULES, name)
  const loaded = Object.entries(settings).map(([name, value]) => [name, { value, directory: '/' }])
  return readConfig({ profile: 'default', settings: Object.fromEntries(loaded) }, providerProblems)
}

guides.run()
