import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Job, outcomeOf } from '../../../runtime/queue/store.ts'
import { createWorkerLog, reason } from '../../../runtime/queue/worker/worker_log.ts'
import { fakeHost } from '../../_host.ts'

const log = suite('cli/queue/worker_log')

const JOB = { id: '0123456789', task: 'a', attempt: 0 } as Job

log('a run is one line: time, outcome, task, duration, and the first line of the error', () => {
  const host = fakeHost()
  host.redactor.add('hush-hush-hush')
  const { ended, interrupted, info, problem, once } = createWorkerLog(host)
  ended(JOB, { exitCode: 0, durationMs: 1234 })
  ended({ ...JOB, attempt: 1 }, { exitCode: 4, durationMs: 61_000, error: 'No hush-hush-hush.\nMore.' })
  interrupted(JOB, { id: 'w', hostname: 'there', pid: 9 })
  info('well')
  problem('not well')
  once('once')
  once('once')
  assert.is(
    host.err,
    [
      'done a 01234567 1.2 s',
      'failed a 01234567 (attempt 2) 61.0 s: No [redacted].',
      'interrupted a 01234567: its worker on there (process 9) is gone or frozen',
      'well',
      'not well',
      'once',
      '',
    ]
      .map((line) => (line ? `2026-01-01T00:00:00Z ${line}` : ''))
      .join('\n'),
  )
})

log('--quiet shows only failures', () => {
  const host = fakeHost()
  const { ended, info, problem } = createWorkerLog(host, { quiet: true })
  info('well')
  ended(JOB, { exitCode: 0, durationMs: 1 })
  problem('not well')
  ended(JOB, { exitCode: 1, durationMs: 0, error: 'Broken.' })
  assert.is(host.err, '2026-01-01T00:00:00Z not well\n2026-01-01T00:00:00Z failed a 01234567 0.0 s: Broken.\n')
})

log('outcomeOf() and reason() are short', () => {
  assert.equal([1, 2, 5, 7, 124, 130, 143].map(outcomeOf), [
    ...['failed', 'failed', 'failed', 'refused', 'timed out', 'interrupted', 'interrupted'],
  ])
  assert.equal([reason('\n a\nb'), reason(undefined), reason('The task "x" failed: Error: no y')], ['a', '', 'no y'])
})

log.run()
