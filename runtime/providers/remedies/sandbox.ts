/** What to do where the embedded sandbox refuses: it has no dashboard, and its settings are those it printed. */
import type { Remedy } from './remedy.ts'

export const SANDBOX: readonly Remedy[] = [
  {
    error: ['access_denied', 'invalid_client', 'unauthorized_client', 'invalid_request'],
    step: 'Compare WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_AUDIENCE with the settings that the command `sandbox` printed when it was started.',
  },
]
