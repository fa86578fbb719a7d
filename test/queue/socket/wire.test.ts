import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, RefusedError, TransportError, UsageError, WfgError } from '../../../runtime/core/errors.ts'
import { fromError, toError, withDates } from '../../../runtime/queue/socket/wire.ts'

const wire = suite('wire')

wire('dates of ours come back as dates, and what a user named so stays a text', () => {
  const sent = { queuedAt: new Date(5), endedAt: undefined, data: { args: { startedAt: new Date(6).toISOString() } } }
  const received = withDates(JSON.parse(JSON.stringify([sent, 'text', null, 7])))
  assert.equal(received, [
    { queuedAt: new Date(5), data: { args: { startedAt: '1970-01-01T00:00:00.006Z' } } },
    ...['text', null, 7],
  ])
})

for (const error of [
  new ConfigError('a'),
  new UsageError('b'),
  new RefusedError('c'),
  new TransportError('d', { code: 'WFG_NETWORK' }),
  new WfgError('e'),
]) {
  wire(`a ${error.name} comes back as one`, () => {
    const back = fromError(toError(error, (text) => text)!)
    assert.is(back.constructor, error.constructor)
    assert.equal([back.code, back.message], [error.code, error.message])
  })
}

wire('an error of another kind is one of ours, redacted', () => {
  const back = fromError(toError(new TypeError('secret word'), (text) => text.replace('secret', '[redacted]'))!)
  assert.is(back.constructor, WfgError)
  assert.is(back.message, '[redacted] word')
})

wire.run()
