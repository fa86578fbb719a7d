import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { referencesOf } from '../../runtime/providers/references.ts'

const references = suite('auth/references')

references('referencesOf() lists what was sent, by name, each number once', () => {
  const headers = { 'x-ms-request-id': 'ab12', 'x-request-id': 'ab12', 'x-okta-request-id': 'Yz-9' }
  assert.equal(referencesOf(headers, { trace_id: 'tr12' }), [
    "For the provider's support: trace_id tr12, x-ms-request-id ab12, x-okta-request-id Yz-9.",
  ])
})

references('referencesOf() leaves out what the description says already, and what is no such number', () => {
  assert.equal(referencesOf({}, undefined), [])
  assert.equal(referencesOf({}, { trace_id: 'tr12' }, 'Trace ID: tr12'), [])
  assert.equal(referencesOf({ 'x-request-id': '<b>1234</b>' }, { trace_id: 1234, correlation_id: 'x'.repeat(101) }), [])
})

references.run()
