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
        where: 'its discovery document (/.well-known/openid-configuration) names it "issuer"; take it to the letter',
        example: 'https://login.example.com/',
      }),
      clientIdQuestion('Client ID', 'of the client that was registered for scripts'),
      {
        name: 'WFG_AUDIENCE',
        label: 'Audience (leave empty where the provider wants none)',
        where: 'what it calls the WorkflowGen GraphQL API',
      },
      { name: 'WFG_SCOPE', label: 'Scope (leave empty for none)', where: 'what the provider wants for that API' },
    ],
    secret: 'where the client was registered',
    clientAuth: 'client_secret_post',
    steps: ({ clientId, audience }) => [
      `At the provider: the client ${clientId} may use the client credentials grant` +
        `${audience === '' ? '.' : `, and may ask for tokens for ${audience}.`}`,
    ],
  },
}
