import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { requestIdsText } from '../../runtime/providers/request_ids.ts'

const references = suite('auth/references')

references('requestIdsText() lists what was sent, by name, each number once', () => {
  const headers = { 'x-ms-request-id': 'ab12', 'x-request-id': 'ab12', 'x-okta-request-id': 'Yz-9' }
  assert.equal(requestIdsText(headers, { trace_id: 'tr12' }), [
    "For the provider's support: trace_id tr12, x-ms-request-id ab12, x-okta-request-id Yz-9.",
  ])
})

references('requestIdsText() leaves out what the description says already, and what is no such number', () => {
  assert.equal(requestIdsText({}, undefined), [])
  assert.equal(requestIdsText({}, { trace_id: 'tr12' }, 'Trace ID: tr12'), [])
  assert.equal(
    requestIdsText({ 'x-request-id': '<b>1234</b>' }, { trace_id: 1234, correlation_id: 'x'.repeat(101) }),
    [],
  )
})

references.run()
