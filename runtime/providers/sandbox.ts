/** The embedded sandbox. It prints its settings when it starts. */
import type { Provider } from './provider.ts'

export const SANDBOX: Provider = {
  tokenPath: () => '/oauth/token',
  target: (audience) => ({ audience }),
  takesResource: false,
  needs: ['audience'],
  assertion: { audience: 'issuer', rsa: 'RS256' },
  remedies: [
    {
      error: ['access_denied', 'invalid_client', 'unauthorized_client', 'invalid_request'],
      step: 'Compare WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_AUDIENCE with the settings that the command `sandbox` printed when it started.',
    },
  ],
}
