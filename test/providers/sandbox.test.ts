import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nextStep } from '../../runtime/providers/remedies.ts'

const sandbox = suite('providers/sandbox')

for (const [status, oauthError, text] of [
  [401, 'access_denied', 'Unauthorized'],
  [403, 'access_denied', 'Service not enabled within domain: x'],
  [403, 'unauthorized_client', "Grant type 'client_credentials' not allowed for the client."],
] as const) {
  sandbox(`nextStep() sends nobody to a dashboard that is not there: ${text}`, () => {
    assert.match(
      nextStep({ stage: 'token', provider: 'sandbox', status, oauthError, text }),
      /^Compare WFG_CLIENT_ID, .* with the settings that the command `sandbox` printed/,
    )
  })
}

sandbox.run()
