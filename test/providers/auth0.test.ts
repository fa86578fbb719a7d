import { suite } from 'uvu'
import { type Answered, remedied } from './_remedies.ts'

const auth0 = suite('providers/auth0')

const CASES: Readonly<Record<string, Answered>> = {
  'no client grant': {
    status: 403,
    body: {
      error: 'access_denied',
      error_description:
        'Client is not authorized to access "https://workflow.example.com/wfgen/graphql". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants',
    },
    expect: /Applications > APIs > .* > Application Access .*auth0 client-grants create .*--subject-type client/,
  },
  'no client grant, in the newer words': {
    status: 403,
    body: {
      error: 'access_denied',
      error_description: 'Client is not authorized to access resource server "https://workflow.example.com".',
    },
    expect: /Application Access/,
  },
  'no such API in the tenant': {
    status: 403,
    body: { error: 'access_denied', error_description: 'Service not enabled within domain: https://x.example.com' },
    expect: /no API with that identifier.* Identifier exactly to WFG_AUDIENCE .*WFG_ISSUER/,
  },
  'no such API, as /authorize says it': {
    status: 403,
    body: { error: 'access_denied', error_description: 'Service not found: https://x.example.com' },
    expect: /no API with that identifier/,
  },
  'a wrong client ID or secret': {
    status: 401,
    body: { error: 'access_denied', error_description: 'Unauthorized' },
    headers: { 'x-auth0-requestid': '3f2a9c0d7b1e' },
    expect: /client ID or the client secret is wrong.*WFG_CLIENT_ID and WFG_CLIENT_SECRET.*feccft/,
    says: /access_denied \(Unauthorized\)\. For the provider's support: x-auth0-requestid 3f2a9c0d7b1e\. $/,
  },
  'another authentication method': {
    status: 401,
    body: { error: 'invalid_client', error_description: 'Client authentication failed' },
    expect: /Credentials, the Authentication Method must be the one in WFG_CLIENT_AUTH/,
  },
  'another authentication method, with a challenge': {
    status: 401,
    body: { error: 'invalid_client', error_description: 'Client authentication failed' },
    headers: { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="Users"' },
    expect: /WFG_CLIENT_AUTH/,
  },
  'a grant type that is not allowed': {
    status: 403,
    body: {
      error: 'unauthorized_client',
      error_description: "Grant type 'client_credentials' not allowed for the client.",
      error_uri: 'https://auth0.com/docs/clients/client-grant-types',
    },
    expect: /Advanced Settings > Grant Types and tick Client Credentials\. .*Machine to Machine/,
  },
  'an organization that is required': {
    status: 403,
    body: { error: 'unauthorized_client', error_description: 'The client grant requires an organization.' },
    expect: /WFG_ORGANIZATION/,
  },
  'no such tenant': { status: 404, body: 'Not found.', expect: /no such tenant.*Domain to WFG_ISSUER/ },
  "the application's quota": {
    status: 429,
    body: { error: 'too_many_requests', error_description: 'Client quota exceeded' },
    headers: { 'retry-after': '3540' },
    expect: /own quota of tokens.*WFG_TOKEN_CACHE=disk/,
    says: /It asks to wait 3540 s\. $/,
  },
  "the tenant's rate limit": {
    status: 429,
    body: { error: 'too_many_requests', error_description: 'Global limit has been reached' },
    expect: /rate limit is reached/,
  },
  'the monthly quota': {
    status: 403,
    body: { error: 'access_denied', error_description: 'You have exceeded the M2M tokens of your plan.' },
    expect: /monthly quota .*used up/,
  },
  'an Action that failed': {
    status: 500,
    body: { error: 'server_error', error_description: 'The script generated an unhandled asynchronous exception.' },
    expect: /Actions > Triggers > credentials-exchange.*A retry will not help/,
  },
  'an error that nobody knows': {
    status: 400,
    body: { error: 'brand_new', error_description: 'Something else.' },
    expect: /^Check WFG_AUDIENCE/,
    says: /400 brand_new \(Something else\)\. $/,
  },
}

for (const [what, answered] of Object.entries(CASES)) {
  auth0(`requestAccessToken() says what to do about ${what}`, () => remedied('auth0', answered))
}

for (const what of ['no client grant', 'no such API in the tenant']) {
  auth0(`requestAccessToken() knows Auth0 behind a domain of one's own by ${what}`, () =>
    remedied(undefined, CASES[what]!),
  )
}

auth0.run()
