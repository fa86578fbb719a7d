import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, TransportError, UsageError, WfgError } from '../../../runtime/core/errors.ts'
import { databaseFailure, isDeadlock, isUnreachable } from '../../../runtime/queue/database/database_failure.ts'
import { hides } from '../../_assert.ts'

const failure = suite('database_failure')
const named = {
  name: 'the database "wfg" on db:5432',
  redact: (text: string) => text.replaceAll('secret', '[redacted]'),
}

const thrown = (message: string, code?: string) => Object.assign(new Error(message), code ? { code } : {})

for (const [found, what] of [
  [thrown('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'), TransportError],
  [thrown('', 'ECONNREFUSED'), TransportError],
  [thrown('getaddrinfo ENOTFOUND db', 'ENOTFOUND'), TransportError],
  [thrown('terminating connection due to administrator command', '57P01'), TransportError],
  [thrown('the database system is starting up', '57P03'), TransportError],
  [thrown('sorry, too many clients already', '53300'), TransportError],
  [thrown('connection failure', '08006'), TransportError],
  [thrown('Connection terminated unexpectedly'), TransportError],
  [thrown('timeout exceeded when trying to connect'), TransportError],
  [thrown('Query read timeout'), TransportError],
  [thrown('password authentication failed', '28P01'), ConfigError],
  [thrown('database "x" does not exist', '3D000'), ConfigError],
  [thrown('permission denied for database x', '42501'), ConfigError],
  [thrown('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), ConfigError],
  [thrown('invalid input syntax for type json: secret', '22P02'), UsageError],
  [thrown('syntax error', '42601'), WfgError],
] as const) {
  failure(`${found.message || 'no message'} (${'code' in found ? found.code : 'no code'}) is a ${what.name}`, () => {
    const error = databaseFailure(found, named)
    assert.is(error.constructor, what)
    assert.is(isUnreachable(found), what === TransportError)
    assert.match(error.message, 'the database "wfg" on db:5432')
    assert.is(databaseFailure(error, named), error, 'an error of ours stays what it is')
  })
}

failure('message and cause contain no secret', () => {
  for (const code of ['ECONNREFUSED', '28P01', '42601', '22P02']) {
    const error = databaseFailure(thrown('it said secret', code), named)
    hides(`${error.stack} ${(error.cause as Error | undefined)?.stack}`, 'secret')
  }
})

failure("a deadlock is recognised as the database's error and as ours", () => {
  const found = thrown('deadlock detected', '40P01')
  assert.is(isDeadlock(found), true)
  assert.is(isDeadlock(databaseFailure(found, named)), true)
  assert.is(isDeadlock(databaseFailure(thrown('syntax error', '42601'), named)), false)
  assert.is(isDeadlock(undefined), false)
})

failure.run()
