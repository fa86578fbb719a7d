/** Okta. Each authorization server has its own issuer, audience and scopes. */
import { clientIdQuestion, issuerQuestion, type Provider } from './provider.ts'

const SCOPES =
  'In the Okta admin console, Security > API > the authorization server > Scopes, the scope in WFG_SCOPE must exist, or a default scope if WFG_SCOPE is not set. ' +
  'WFG_ISSUER must name that authorization server, as in https://acme.okta.com/oauth2/default (the org server, without /oauth2/…, has no custom scopes).'

export const OKTA: Provider = {
  urls: /^[^/]+\.(okta(preview|-emea|-gov)?\.com|okta\.mil)\//,
  tokenPath: (issuer) => `${issuer.pathname.replace(/\/$/, '')}/v1/token`,
  issuerPath: {
    pattern: /^\/oauth2\/[^/]+\/?$/,
    expected: 'name the authorization server, as in https://acme.okta.com/oauth2/default',
  },
  // Each authorization server has a fixed audience, and may have a default scope.
  target: () => ({}),
  takesResource: true,
  needs: [],
  assertion: { audience: 'token endpoint', rsa: 'RS256' },
  remedies: [
    {
      error: ['invalid_scope'],
      hint: /openid/i,
      step: 'Remove openid, profile and email from WFG_SCOPE: they are for users who sign in. Instead use a scope of the authorization server (Okta admin console, Security > API > the authorization server > Scopes).',
    },
    { error: ['invalid_scope'], step: SCOPES },
    {
      error: ['access_denied'],
      step: 'In the Okta admin console, Security > API > the authorization server > Access Policies, a policy must be assigned to this client, with a rule that ticks Client Credentials and allows the scopes in WFG_SCOPE. A new org has no such policy.',
    },
    {
      error: ['invalid_dpop_proof', 'use_dpop_nonce'],
      step: 'In the Okta admin console, Applications > the application > General > General Settings, untick "Require Demonstrating Proof of Possession (DPoP) header in token requests": WorkflowGen takes bearer tokens.',
    },
    {
      error: ['invalid_client'],
      step: 'In the Okta admin console, Applications > the application > General > Client Credentials, copy Client ID and Client secret to WFG_CLIENT_ID and WFG_CLIENT_SECRET. Client authentication must be the method in WFG_CLIENT_AUTH, and the application must be Active.',
    },
    {
      error: ['unauthorized_client'],
      step: 'In the Okta admin console, Applications > the application > General > General Settings > Grant type, tick Client Credentials. Only applications of type API Services and Web applications offer it.',
    },
    {
      status: 429,
      step: "The org's rate limit is reached (Reports > Rate Limits in the Okta admin console). Wait, and keep WFG_TOKEN_CACHE=disk, so that all scripts share one token.",
    },
  ],
  guide: {
    label: 'Okta',
    questions: [
      issuerQuestion({
        label: 'Issuer URI of the authorization server',
        where:
          'Okta admin console, Security > API > Authorization Servers: the column Issuer URI of a custom one, not the organization itself',
        example: 'https://acme.okta.com/oauth2/default',
        complete: (answer) => answer.replace(/\/+$/, ''),
      }),
      clientIdQuestion(
        'Client ID',
        'Okta admin console, Applications > your API Services app > General > Client Credentials: Client ID',
      ),
      {
        name: 'WFG_SCOPE',
        label: 'Scope (leave empty if the authorization server has a default scope)',
        where:
          'Okta admin console, Security > API > your authorization server > Scopes: the column Name; not openid or profile, which are for users',
      },
    ],
    secret: 'Okta admin console, Applications > your API Services app > General > Client Credentials: Client secret',
    clientAuth: 'client_secret_basic',
    steps: ({ clientId }) => [
      `Okta admin console, Applications: ${clientId} is an API Services app, and under General > Proof of possession "Require DPoP" is ` +
        'unticked, because WorkflowGen takes bearer tokens.',
      `Security > API > your authorization server > Access Policies: a policy for ${clientId} with a rule that allows the grant type ` +
        'Client Credentials and the scope.',
    ],
  },
}
