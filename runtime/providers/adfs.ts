/** AD FS 2016 or newer. Remedies go by its error numbers, because its texts depend on the language. */
import { audienceQuestion, clientIdQuestion, issuerQuestion, originUrl, type Provider } from './provider.ts'

const PERMIT =
  'In AD FS Management, Application Groups > the group > the Web API > Client permissions, add the server application and tick a scope, such as openid. ' +
  'Or run `Grant-AdfsApplicationPermission -ClientRoleIdentifier <client ID> -ServerRoleIdentifier <audience> -ScopeNames openid`.'

export const ADFS: Provider = {
  urls: /^[^/]+\/adfs(\/|$)/i,
  tokenPath: () => '/adfs/oauth2/token',
  target: (resource) => ({ resource }),
  takesResource: true,
  needs: ['audience', 'resource', 'scope'],
  assertion: { audience: 'token endpoint', rsa: 'RS256', thumbprint: 'x5t' },
  remedies: [
    {
      unmistakable: true,
      hint: /MSIS9602\b/,
      step: 'AD FS knows no Web API with that identifier. In AD FS Management, Application Groups > the group > the Web API > Identifiers, copy the exact identifier to WFG_AUDIENCE. The Web API must be in the group of the server application.',
    },
    { unmistakable: true, hint: /MSIS(9605|9611|9321)\b/, step: PERMIT },
    {
      unmistakable: true,
      hint: /MSIS9607\b/,
      step: 'AD FS knows no such client. In AD FS Management, Application Groups > the group > the server application, copy Client Identifier to WFG_CLIENT_ID.',
    },
    {
      unmistakable: true,
      hint: /MSIS(9622|9267)\b/,
      step: 'The client secret is wrong or was not sent. In AD FS Management, Application Groups > the group > the server application > Credentials, reset it and copy it to WFG_CLIENT_SECRET. WFG_CLIENT_AUTH must name the method that the application uses.',
    },
    {
      error: ['invalid_resource'],
      step: 'In AD FS Management, Application Groups > the group > the Web API > Identifiers, copy the exact identifier to WFG_AUDIENCE.',
    },
    { error: ['access_denied', 'unauthorized_client'], step: PERMIT },
  ],
  guide: {
    label: 'AD FS 2016 or newer',
    questions: [
      issuerQuestion({
        label: 'Federation service name',
        where: 'AD FS Management, Edit Federation Service Properties: Federation Service name',
        example: 'adfs.example.com',
        complete: (answer) => originUrl(answer, '/adfs'),
      }),
      clientIdQuestion(
        'Client identifier',
        "AD FS Management, Application Groups > WorkflowGen's group > your Server application: Client Identifier",
      ),
      audienceQuestion(
        'Identifier of the Web API',
        "AD FS Management, Application Groups > WorkflowGen's group > the Web API > Identifiers; copy it exactly",
      ),
    ],
    secret:
      "AD FS Management, Application Groups > WorkflowGen's group > your Server application > Credentials: the shared secret, which is shown only once; you can reset it there",
    clientAuth: 'client_secret_post',
    steps: ({ clientId, audience }) => [
      `AD FS Management, Application Groups > WorkflowGen's group: add a Server application with the client identifier ${clientId} and a shared secret.`,
      `In the same group, the Web API with the identifier ${audience} > Client permissions: add that Server application, with the scope openid.`,
    ],
  },
}
