import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { planTokenRequest, providerOf, providerProblems } from '../../runtime/providers/providers.ts'
import { configOf } from '../auth/_config.ts'

const providers = suite('auth/providers')

const API = 'https://workflow.example.com/wfgen/graphql'
const GUID = '11111111-2222-3333-4444-555555555555'

function plan(values: Readonly<Record<string, string>>) {
  const config = configOf(values)
  const { provider, tokenEndpoint, parameters } = planTokenRequest(config)
  return [provider, tokenEndpoint?.href, parameters]
}

for (const [issuer, provider, endpoint, parameters] of [
  ['https://acme.auth0.com/', 'auth0', 'https://acme.auth0.com/oauth/token', { audience: API }],
  ['https://acme.eu.auth0.com', 'auth0', 'https://acme.eu.auth0.com/oauth/token', { audience: API }],
  [
    `https://login.microsoftonline.com/${GUID}/v2.0`,
    'entra',
    `https://login.microsoftonline.com/${GUID}/oauth2/v2.0/token`,
    { scope: `${API}/.default` },
  ],
  [
    'https://login.microsoftonline.com/acme.onmicrosoft.com/',
    'entra',
    'https://login.microsoftonline.com/acme.onmicrosoft.com/oauth2/v2.0/token',
    { scope: `${API}/.default` },
  ],
  [
    `https://login.microsoftonline.us/${GUID}/v2.0`,
    'entra',
    `https://login.microsoftonline.us/${GUID}/oauth2/v2.0/token`,
    { scope: `${API}/.default` },
  ],
  [
    `https://sts.windows.net/${GUID}/`,
    'entra-v1',
    `https://login.microsoftonline.com/${GUID}/oauth2/token`,
    { resource: API },
  ],
  ['https://acme.okta.com/oauth2/default', 'okta', 'https://acme.okta.com/oauth2/default/v1/token', {}],
  ['https://acme.oktapreview.com/oauth2/aus1/', 'okta', 'https://acme.oktapreview.com/oauth2/aus1/v1/token', {}],
  ['https://fs.acme.com/adfs', 'adfs', 'https://fs.acme.com/adfs/oauth2/token', { resource: API }],
  ['https://fs.acme.com/ADFS/', 'adfs', 'https://fs.acme.com/adfs/oauth2/token', { resource: API }],
  ['https://as.acme.com/realms/main', 'oidc', undefined, { audience: API }],
] as const) {
  providers(`planTokenRequest() makes WFG_AUDIENCE alone serve when the issuer is ${issuer}`, () => {
    const values = { WFG_ISSUER: issuer, WFG_AUDIENCE: API }
    assert.equal(plan(values), [provider, endpoint, parameters])
    assert.equal(providerProblems(configOf(values)), [])
  })
}

providers('planTokenRequest() takes the provider that was set before the one of the host', () => {
  assert.equal(plan({ WFG_ISSUER: 'https://login.acme.com/', WFG_PROVIDER: 'auth0', WFG_AUDIENCE: API }), [
    'auth0',
    'https://login.acme.com/oauth/token',
    { audience: API },
  ])
  const tenant = `https://login.microsoftonline.com/${GUID}`
  assert.equal(plan({ WFG_ISSUER: tenant, WFG_PROVIDER: 'entra-v1', WFG_AUDIENCE: API }), [
    'entra-v1',
    `${tenant}/oauth2/token`,
    { resource: API },
  ])
  assert.equal(plan({ WFG_ISSUER: 'https://acme.auth0.com/', WFG_PROVIDER: 'oidc' }), ['oidc', undefined, {}])
})

providers('planTokenRequest() keeps the port of the issuer', () => {
  assert.equal(plan({ WFG_ISSUER: 'http://127.0.0.1:4000/', WFG_PROVIDER: 'sandbox', WFG_AUDIENCE: API }), [
    'sandbox',
    'http://127.0.0.1:4000/oauth/token',
    { audience: API },
  ])
})

providers('planTokenRequest() never leaves the host of the issuer, whatever its path', () => {
  const okta = configOf({ WFG_ISSUER: 'https://acme.okta.com//evil.example/x', WFG_PROVIDER: 'okta' })
  assert.is(planTokenRequest(okta).tokenEndpoint?.host, 'acme.okta.com')
  const entra = configOf({ WFG_ISSUER: 'https://login.microsoftonline.com/', WFG_PROVIDER: 'entra' })
  assert.is(planTokenRequest(entra).tokenEndpoint?.host, 'login.microsoftonline.com')
})

for (const issuer of [
  'https://auth0.com.evil.example/',
  'https://evil.example/acme.auth0.com/',
  'https://acmeauth0.com/',
  'https://login.microsoftonline.com.evil.example/t/v2.0',
  'https://evil.example/login.microsoftonline.com/t',
  'https://acme.okta.com.evil.example/oauth2/default',
  'https://evil.example/xadfs',
]) {
  providers(`providerOf() takes ${issuer} for none of the known`, () => {
    assert.is(providerOf(configOf({ WFG_ISSUER: issuer })), 'oidc')
  })
}

// --- an explicit token endpoint ---

providers('planTokenRequest() takes the token endpoint that was set before the preset and before discovery', () => {
  const endpoint = { WFG_TOKEN_ENDPOINT: 'https://proxy.acme.com/token' }
  assert.equal(plan({ ...endpoint, WFG_ISSUER: 'https://acme.auth0.com/', WFG_AUDIENCE: API }), [
    'auth0',
    'https://proxy.acme.com/token',
    { audience: API },
  ])
  assert.equal(plan(endpoint), ['oidc', 'https://proxy.acme.com/token', {}])
})

for (const [endpoint, provider, parameters] of [
  ['https://acme.auth0.com/oauth/token', 'auth0', { audience: API }],
  [`https://login.microsoftonline.com/${GUID}/oauth2/v2.0/token`, 'entra', { scope: `${API}/.default` }],
  [`https://login.microsoftonline.com/${GUID}/oauth2/token`, 'entra-v1', { resource: API }],
  ['https://acme.okta.com/oauth2/default/v1/token', 'okta', {}],
  ['https://fs.acme.com/adfs/oauth2/token/', 'adfs', { resource: API }],
] as const) {
  providers(`planTokenRequest() finds the parameters of ${provider} when only its token endpoint is set`, () => {
    assert.equal(plan({ WFG_TOKEN_ENDPOINT: endpoint, WFG_AUDIENCE: API }), [provider, endpoint, parameters])
  })
}

providers('planTokenRequest() sends what the token endpoint takes when the issuer is of another generation', () => {
  const endpoint = `https://login.microsoftonline.com/${GUID}/oauth2/token`
  const issuer = `https://login.microsoftonline.com/${GUID}/v2.0`
  assert.equal(plan({ WFG_ISSUER: issuer, WFG_TOKEN_ENDPOINT: endpoint, WFG_AUDIENCE: API }), [
    'entra-v1',
    endpoint,
    { resource: API },
  ])
})

// --- the target ---

const ENTRA = { WFG_ISSUER: `https://login.microsoftonline.com/${GUID}/v2.0` }

for (const [audience, scope] of [
  ['api://app', 'api://app/.default'],
  ['api://app/.default', 'api://app/.default'],
  [GUID, `${GUID}/.default`],
  [`${API}/`, `${API}//.default`],
] as const) {
  providers(`planTokenRequest() asks entra for the scope ${scope} when WFG_AUDIENCE is ${audience}`, () => {
    assert.equal(plan({ ...ENTRA, WFG_AUDIENCE: audience })[2], { scope })
  })
}

providers('planTokenRequest() takes WFG_SCOPE before what WFG_AUDIENCE would become', () => {
  assert.equal(plan({ ...ENTRA, WFG_AUDIENCE: 'api://app', WFG_SCOPE: 'api://app/own' })[2], { scope: 'api://app/own' })
})

providers('planTokenRequest() makes WFG_RESOURCE a scope for entra, which refuses the parameter', () => {
  assert.equal(plan({ ...ENTRA, WFG_RESOURCE: API })[2], { scope: `${API}/.default` })
  assert.equal(plan({ ...ENTRA, WFG_RESOURCE: API, WFG_AUDIENCE: 'api://app' })[2], { scope: 'api://app/.default' })
})

providers('planTokenRequest() takes WFG_RESOURCE before WFG_AUDIENCE where the parameter is called resource', () => {
  const adfs = { WFG_ISSUER: 'https://fs.acme.com/adfs', WFG_AUDIENCE: 'a' }
  assert.equal(plan({ ...adfs, WFG_RESOURCE: 'r' })[2], { resource: 'r' })
})

providers('planTokenRequest() sends everything that is set to a provider it does not know', () => {
  const values = { WFG_AUDIENCE: 'a', WFG_RESOURCE: 'r', WFG_SCOPE: 's t', WFG_ORGANIZATION: 'o' }
  const sent = { audience: 'a', resource: 'r', scope: 's t', organization: 'o' }
  assert.equal(plan({ WFG_ISSUER: 'https://as.acme.com/', ...values })[2], sent)
})

providers('planTokenRequest() sends okta the scope that is set', () => {
  const okta = { WFG_ISSUER: 'https://acme.okta.com/oauth2/default', WFG_AUDIENCE: API }
  assert.equal(plan({ ...okta, WFG_SCOPE: 'wfgen-graphql-full-access' })[2], { scope: 'wfgen-graphql-full-access' })
})

// --- problems ---

for (const [provider, issuer] of [
  ['auth0', 'https://acme.auth0.com/'],
  ['entra', `https://login.microsoftonline.com/${GUID}/v2.0`],
  ['entra-v1', `https://sts.windows.net/${GUID}/`],
  ['adfs', 'https://fs.acme.com/adfs'],
] as const) {
  providers(`providerProblems() finds that ${provider} gives no usable token when no API is named`, () => {
    assert.equal(providerProblems(configOf({ WFG_ISSUER: issuer })), [
      { name: 'WFG_AUDIENCE', problem: `is not set; ${provider} needs the identifier of the WorkflowGen GraphQL API` },
    ])
  })
}

providers('providerProblems() does not take a scope for the audience that auth0 needs', () => {
  const auth0 = { WFG_ISSUER: 'https://acme.auth0.com/', WFG_SCOPE: 'read', WFG_RESOURCE: API }
  assert.equal(
    providerProblems(configOf(auth0)).map(({ name }) => name),
    ['WFG_AUDIENCE'],
  )
})

providers('providerProblems() needs no audience for okta and for a provider it does not know', () => {
  for (const issuer of ['https://acme.okta.com/oauth2/default', 'https://as.acme.com/']) {
    assert.equal(providerProblems(configOf({ WFG_ISSUER: issuer })), [])
  }
})

for (const issuer of [
  'https://login.microsoftonline.com/',
  'https://login.microsoftonline.com/common/v2.0',
  'https://login.microsoftonline.com/organizations',
  'https://login.microsoftonline.com/consumers/v2.0',
  'https://login.microsoftonline.com/Common/v2.0',
  'https://login.microsoftonline.com/v2.0',
]) {
  providers(`providerProblems() wants the tenant in ${issuer}`, () => {
    const config = configOf({ WFG_ISSUER: issuer, WFG_AUDIENCE: API })
    const problem = 'must name the tenant, as in https://login.microsoftonline.com/<tenant id>/v2.0'
    assert.equal(providerProblems(config), [{ name: 'WFG_ISSUER', problem }])
  })
}

for (const issuer of ['https://acme.okta.com', 'https://acme.okta.com/oauth2', 'https://acme.okta.com//evil/x']) {
  providers(`providerProblems() wants the authorization server in ${issuer}`, () => {
    const problem = 'must name the authorization server, as in https://acme.okta.com/oauth2/default'
    assert.equal(providerProblems(configOf({ WFG_ISSUER: issuer })), [{ name: 'WFG_ISSUER', problem }])
  })
}

providers('providerProblems() does not mind the issuer when the token endpoint is set', () => {
  const config = configOf({
    WFG_ISSUER: 'https://acme.okta.com',
    WFG_TOKEN_ENDPOINT: 'https://acme.okta.com/oauth2/x/v1/token',
  })
  assert.equal(providerProblems(config), [])
})

for (const [provider, issuer] of [
  ['entra', 'https://login.microsoftonline.com/t/v2.0'],
  ['entra-v1', 'https://sts.windows.net/t/'],
  ['adfs', 'https://login.example.com/adfs'],
] as const) {
  providers(`providerProblems() asks for the certificate when ${provider} is given a key`, () => {
    const values = {
      WFG_ISSUER: issuer,
      WFG_AUDIENCE: 'api',
      WFG_CLIENT_AUTH: 'private_key_jwt',
      WFG_PRIVATE_KEY_FILE: 'k',
    }
    assert.equal(providerProblems(configOf(values)), [
      {
        name: 'WFG_CERTIFICATE_FILE',
        problem: `is not set; with private_key_jwt, ${provider} needs the certificate that belongs to the key`,
      },
    ])
    assert.equal(providerProblems(configOf({ ...values, WFG_CERTIFICATE_FILE: 'c' })), [])
  })
}

providers('providerProblems() asks for no certificate when auth0 or okta is given a key', () => {
  const values = { WFG_AUDIENCE: 'api', WFG_CLIENT_AUTH: 'private_key_jwt', WFG_PRIVATE_KEY_FILE: 'k' }
  for (const issuer of ['https://acme.auth0.com/', 'https://acme.okta.com/oauth2/default']) {
    assert.equal(providerProblems(configOf({ ...values, WFG_ISSUER: issuer })), [])
  }
})

providers.run()
