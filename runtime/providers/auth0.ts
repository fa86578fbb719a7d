/** Auth0. Its error texts are undocumented, so they are matched loosely. */
import { typedWord } from '../host/user_shell.ts'
import { audienceQuestion, clientIdQuestion, issuerQuestion, originUrl, type Provider } from './provider.ts'

const GRANT =
  'In the Auth0 dashboard, open Applications > APIs > the API whose Identifier is WFG_AUDIENCE > Application Access (formerly Machine to Machine Applications) ' +
  'and authorise this application. The policy for client access must not be "No apps allowed". ' +
  'Or run `auth0 client-grants create -c <client ID> -a <audience> --subject-type client --allow-all-scopes`.'

export const AUTH0: Provider = {
  urls: /^[^/]+\.auth0\.com\//,
  tokenPath: () => '/oauth/token',
  target: (audience) => ({ audience }),
  takesResource: false,
  needs: ['audience'],
  assertion: { audience: 'host', rsa: 'RS256' },
  remedies: [
    { unmistakable: true, error: ['access_denied'], hint: /client.?grant|not authorized to access/i, step: GRANT },
    {
      unmistakable: true,
      error: ['access_denied'],
      hint: /service not (enabled within domain|found)/i,
      step:
        'This tenant has no API with that identifier. In the Auth0 dashboard, copy Applications > APIs > the API > Settings > Identifier exactly to ' +
        'WFG_AUDIENCE (case, scheme and a slash at its end count), and check that WFG_ISSUER names the tenant that has the API.',
    },
    {
      error: ['access_denied', 'invalid_client', 'unauthorized_client'],
      hint: /organization/i,
      step: 'The client grant requires an organization. Set WFG_ORGANIZATION to its ID, or stop requiring one in the Auth0 dashboard, Applications > the application > Organizations.',
    },
    {
      error: ['access_denied'],
      hint: /^unauthorized\.?$/i,
      step:
        'The client ID or the client secret is wrong. In the Auth0 dashboard, copy Client ID and Client Secret again from Applications > Applications > the application > Settings ' +
        'to WFG_CLIENT_ID and WFG_CLIENT_SECRET, and check that WFG_ISSUER names that tenant. The log of that tenant (Monitoring > Logs) has an entry of the type feccft.',
    },
    {
      hint: /(exceed|limit|quota).*(plan|month|m2m|machine)|(plan|month|m2m|machine).*(exceed|limit|quota)/i,
      step:
        "The tenant's monthly quota of machine-to-machine tokens is used up. Upgrade the plan, or wait for the next month. " +
        'Keep WFG_TOKEN_CACHE=disk, so that all scripts share one token.',
    },
    {
      hint: /script generated an unhandled/i,
      step: 'An Action of the tenant failed. Fix it in the Auth0 dashboard, under Actions > Triggers > credentials-exchange. A retry will not help.',
    },
    {
      error: ['invalid_client'],
      step:
        'In the Auth0 dashboard, Applications > Applications > the application > Credentials, the Authentication Method must be the one in WFG_CLIENT_AUTH: ' +
        '"Client Secret (Post)" is client_secret_post, "Client Secret (Basic)" client_secret_basic, "Private Key JWT" private_key_jwt.',
    },
    {
      error: ['unauthorized_client'],
      step:
        'In the Auth0 dashboard, open Applications > Applications > the application > Settings > Advanced Settings > Grant Types and tick Client Credentials. ' +
        'A Single Page or Native application does not offer it: create an application of type Machine to Machine and use its client ID.',
    },
    {
      error: ['too_many_requests'],
      hint: /quota/i,
      step:
        "The application's own quota of tokens (for an hour or a day, UTC) is used up. Wait as long as stated above, or raise the quota in the Auth0 dashboard. " +
        'Keep WFG_TOKEN_CACHE=disk, so that all scripts share one token.',
    },
    {
      status: 429,
      step: "The tenant's rate limit is reached. It counts all users of the tenant. Wait, and keep WFG_TOKEN_CACHE=disk, so that all scripts share one token.",
    },
    {
      status: 404,
      step: 'There is no such tenant. In the Auth0 dashboard, copy Applications > Applications > the application > Settings > Domain to WFG_ISSUER, as https://<domain>/.',
    },
  ],
  guide: {
    label: 'Auth0',
    questions: [
      issuerQuestion({
        label: 'Domain',
        where: 'Auth0, Applications > your machine-to-machine application > Settings: the field Domain',
        example: 'acme.eu.auth0.com',
        complete: (answer) => originUrl(answer, '/'),
      }),
      clientIdQuestion(
        'Client ID',
        'Auth0, Applications > your machine-to-machine application > Settings: the field Client ID; to create an application: auth0 apps create -n "wfg scripts" -t m2m -g credentials -a Post',
      ),
      audienceQuestion(
        'API identifier',
        'Auth0, APIs > WorkflowGen GraphQL API > Settings: the field Identifier, exactly as it is there',
      ),
    ],
    secret: 'Auth0, Applications > your machine-to-machine application > Settings: the field Client Secret',
    clientAuth: 'client_secret_post',
    steps: ({ clientId, audience }) => [
      `Auth0, Applications: the application ${clientId} is of the type Machine to Machine. Under Credentials, its authentication ` +
        'method is Client Secret (Post), unless it uses a private key.',
      `Auth0, APIs > WorkflowGen GraphQL API (Identifier ${audience}) > Application Access (formerly Machine to ` +
        `Machine Applications): the application ${clientId} is authorised.`,
    ],
    commands: ({ clientId, audience }) => [
      'auth0 login',
      'auth0 apis list --json',
      'auth0 apps create -n "wfg scripts" -t m2m -g credentials -a Post',
      `auth0 client-grants create -c ${typedWord(clientId)} -a ${typedWord(audience)} --subject-type client --allow-all-scopes --json`,
      'auth0 client-grants list --json',
    ],
  },
}
