/** Any other provider with OpenID Connect discovery. */
import { clientIdQuestion, issuerQuestion, type Provider } from './provider.ts'

export const OIDC: Provider = {
  target: (audience) => ({ audience }),
  takesResource: true,
  needs: [],
  assertion: { audience: 'issuer', rsa: 'RS256' },
  remedies: [],
  guide: {
    label: 'another OpenID provider',
    questions: [
      issuerQuestion({
        label: 'Issuer',
        where: 'the exact value of "issuer" in the discovery document (/.well-known/openid-configuration)',
        example: 'https://login.example.com/',
      }),
      clientIdQuestion('Client ID', 'the client that is registered for your scripts'),
      {
        name: 'WFG_AUDIENCE',
        label: 'Audience (leave empty if the provider needs none)',
        where: 'the identifier of the WorkflowGen GraphQL API at the provider',
      },
      {
        name: 'WFG_SCOPE',
        label: 'Scope (leave empty for none)',
        where: 'the scope that the provider requires for that API',
      },
    ],
    secret: 'shown where the client was registered',
    clientAuth: 'client_secret_post',
    steps: ({ clientId, audience }) => [
      `At the provider: the client ${clientId} is allowed the client credentials grant` +
        `${audience === '' ? '.' : `, and tokens for ${audience}.`}`,
    ],
  },
}
