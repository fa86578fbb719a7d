import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OutcomeUnknownError, UsageError } from '../../../runtime/core/errors.ts'
import { Interruption } from '../../../runtime/core/interruption.ts'
import type { SignalName } from '../../../runtime/host/host.ts'
import { conduct, GRACE_MS, type Lifecycle } from '../../../runtime/tasks/run/lifecycle.ts'
import { fakeHost } from '../../_host.ts'

const lifecycle = suite('tasks/lifecycle')

/** A process: what would come from outside is called by the test, and an exit is noted. */
function fakeProcess() {
  const signals = new Map<SignalName, () => void>()
  const handlers: { uncaught?: (error: unknown) => void; idle?: () => void } = {}
  const exits: number[] = []
  const host = fakeHost({
    env: {},
    exit: ((code: number) => exits.push(code)) as never,
    onSignal(name, handler) {
      signals.set(name, handler)
      return () => signals.delete(name)
    },
    onUncaught(handler) {
      handlers.uncaught = handler
      return () => delete handlers.uncaught
    },
    onIdle(handler) {
      handlers.idle = handler
      return () => delete handlers.idle
    },
  })
  return { host, exits, signals, handlers, signal: (name: SignalName) => signals.get(name)?.() }
}

/** Work that ends when its signal aborts, as good scripts do. */
function obedient({ signal }: Lifecycle): Promise<void> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

function deaf(): Promise<void> {
  return new Promise(() => {})
}

lifecycle('conduct() leaves the exit code, standard error and the handlers alone when the body succeeds', async () => {
  const { host, signals, handlers, exits } = fakeProcess()
  await conduct(host, 'The task "a"', undefined, async () => {})
  await host.advance(60_000)
  assert.equal([host.exitCode(), host.err, signals.size, Object.keys(handlers), exits], [0, '', 0, [], []])
})

lifecycle('conduct() prints one paragraph and sets the exit code for a mistake', async () => {
  const { host } = fakeProcess()
  await conduct(host, 'The task "a"', undefined, async () => {
    throw new UsageError('Cannot do that.')
  })
  assert.is(host.exitCode(), 2)
  assert.is(host.err, 'error: Cannot do that.\n')
})

lifecycle('conduct() says that the outcome of a mutation is unknown even if the run was interrupted', async () => {
  const { host, signal } = fakeProcess()
  await conduct(host, 'The task "a"', undefined, async () => {
    signal('SIGINT')
    throw new OutcomeUnknownError('The outcome of the mutation "M" is unknown.')
  })
  assert.is(host.exitCode(), 130)
  assert.is(
    host.err,
    'Stopping. Press Ctrl-C again to end at once.\nerror: The outcome of the mutation "M" is unknown.\nInterrupted.\n',
  )
})

lifecycle('conduct() names the subject that the body set last', async () => {
  const { host } = fakeProcess()
  await conduct(host, 'The command', undefined, async (run) => {
    run.subject = 'The task "b"'
    throw null
  })
  assert.is(host.exitCode(), 1)
  assert.is(host.err, 'error: The task "b" failed: it threw null, which is no Error and has no stack.\n')
})

lifecycle('end() asks the run to stop, and ends the process after the time of grace', async () => {
  const { host, exits } = fakeProcess()
  let run: Lifecycle | undefined
  void conduct(host, 'The task', undefined, (given) => {
    run = given
    return deaf()
  })
  run!.graceMs = 20_000
  run!.end(new Interruption('Interrupted: it was told to.', 143))
  assert.is(run!.signal.aborted, true)
  await host.advance(19_000)
  assert.equal(exits, [])
  await host.advance(2000)
  assert.is(exits[0], 143)
  assert.match(host.err, 'Interrupted: it was told to.\nIt did not stop within 20 s and was ended.\n')
})

lifecycle('end() with atOnce does not wait', async () => {
  const { host, exits } = fakeProcess()
  let run: Lifecycle | undefined
  void conduct(host, 'The task', undefined, (given) => {
    run = given
    return deaf()
  })
  run!.end(new Interruption('Interrupted: nobody is there.', 143), { atOnce: true })
  await host.advance(0)
  assert.equal([exits[0], run!.force.aborted, host.err], [143, true, 'Interrupted: nobody is there.\n'])
})

lifecycle('conduct() masks secrets in what it prints', async () => {
  const { host } = fakeProcess()
  host.redactor.add('hunter2-hunter2')
  await conduct(host, 'The task', undefined, async () => {
    throw new UsageError('Cannot use hunter2-hunter2.')
  })
  assert.is(host.err, 'error: Cannot use [redacted].\n')
})

lifecycle('conduct() ends a failed process after a second if something is left open', async () => {
  const { host, exits } = fakeProcess()
  await conduct(host, 'The task', undefined, async () => {
    throw new UsageError('No.')
  })
  await host.advance(999)
  assert.equal(exits, [])
  await host.advance(1)
  assert.equal(exits, [2])
})

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGBREAK', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const) {
  lifecycle(`conduct() aborts the signal on ${name}, waits for cleanup, and exits with ${code}`, async () => {
    const { host, signal } = fakeProcess()
    let cleaned = false
    await conduct(host, 'The task', undefined, async (run) => {
      const work = obedient(run)
      signal(name)
      try {
        await work
      } finally {
        cleaned = true
      }
    })
    assert.ok(cleaned)
    assert.is(host.exitCode(), code)
    assert.match(host.err, /Interrupted\.\n$/)
  })
}

lifecycle('conduct() exits with 130 even if a script ended well after Ctrl-C', async () => {
  const { host, signal } = fakeProcess()
  await conduct(host, 'The task', undefined, async () => signal('SIGINT'))
  assert.is(host.exitCode(), 130)
})

lifecycle('conduct() waits without a limit after Ctrl-C, and ends at once on the second', async () => {
  const { host, signal, exits } = fakeProcess()
  let forced = false
  void conduct(host, 'The task', undefined, (run) => {
    run.force.addEventListener('abort', () => {
      forced = true
    })
    return deaf()
  })
  signal('SIGINT')
  await host.advance(3_600_000)
  assert.equal(exits, [])
  assert.is(host.err, 'Stopping. Press Ctrl-C again to end at once.\n')
  signal('SIGINT')
  await host.advance(0)
  assert.equal([exits, forced], [[130], true])
  assert.is(host.err, 'Stopping. Press Ctrl-C again to end at once.\nInterrupted.\n')
})

lifecycle('conduct() ends a script that ignores SIGTERM after the grace, and says so', async () => {
  const { host, signal, exits } = fakeProcess()
  void conduct(host, 'The task', undefined, deaf)
  signal('SIGTERM')
  await host.advance(GRACE_MS - 1)
  assert.equal(exits, [])
  await host.advance(1)
  assert.is(exits[0], 143)
  assert.is(host.err, 'Interrupted.\nIt did not stop within 5 s and was ended.\n')
})

lifecycle('conduct() leaves four seconds after the console was closed, whatever the grace', async () => {
  const { host, signal, exits } = fakeProcess()
  let graceMs = 0
  void conduct(host, 'The task', undefined, (run) => {
    run.graceMs = 60_000
    run.signal.addEventListener('abort', () => {
      graceMs = run.graceMs
    })
    return deaf()
  })
  signal('SIGHUP')
  assert.is(graceMs, 4000, 'a worker looks how long its runs may go on')
  await host.advance(3999)
  assert.equal(exits, [])
  await host.advance(1)
  assert.is(exits[0], 143)
})

lifecycle('conduct() ends the run with 124 at the timeout', async () => {
  const { host } = fakeProcess()
  const run = conduct(host, 'The task', 1500, obedient)
  await host.advance(1500)
  await run
  assert.is(host.exitCode(), 124)
  assert.is(host.err, 'The time of 1.5 s for this run (--timeout) is over.\n')
})

lifecycle('conduct() ends a script that ignores the timeout', async () => {
  const { host, exits } = fakeProcess()
  void conduct(host, 'The task', 1500, deaf)
  await host.advance(1500 + GRACE_MS)
  assert.is(exits[0], 124)
  assert.match(host.err, /is over\.\nIt did not stop within 5 s and was ended\.\n$/)
})

lifecycle('conduct() applies the timeout to what a finished script left open', async () => {
  const { host, exits } = fakeProcess()
  await conduct(host, 'The task', 1500, async () => {})
  assert.equal(exits, [])
  await host.advance(1500)
  assert.is(exits[0], 124)
})

lifecycle('conduct() keeps the output so far, and says where, when it ends the process itself', async () => {
  const { host, signal, exits } = fakeProcess()
  const kept: string[] = []
  void conduct(host, 'The task', undefined, (run) => {
    run.abandon.add(async () => {
      kept.push('partial')
    })
    return deaf()
  })
  signal('SIGINT')
  signal('SIGINT')
  await host.advance(0)
  assert.equal([kept, exits], [['partial'], [130]])
})

lifecycle('conduct() prints an uncaught error once, and aborts the signal', async () => {
  const { host, handlers } = fakeProcess()
  await conduct(host, 'The task "a"', undefined, async (run) => {
    const work = obedient(run)
    handlers.uncaught?.(new UsageError('Nobody caught this.'))
    await work
  })
  assert.is(host.exitCode(), 2)
  assert.is(host.err, 'error: Nobody caught this.\n')
})

lifecycle('conduct() says that a run never finished when nothing is left to wait for', async () => {
  const { host, handlers } = fakeProcess()
  const kept: string[] = []
  void conduct(host, 'The task "a"', undefined, (run) => {
    run.abandon.add(async () => {
      kept.push('partial')
    })
    return deaf()
  })
  handlers.idle?.()
  handlers.idle?.() // what was printed gave the process something to do, and it is idle again
  await host.advance(0)
  assert.is(host.exitCode(), 1)
  assert.is(host.err, 'error: The task "a" never finished: it waits for something that cannot happen any more.\n')
  assert.equal(kept, ['partial'])
})

lifecycle('untilIdle() resolves when nothing is left to wait for, and the run does not fail', async () => {
  const { host, handlers } = fakeProcess()
  await conduct(host, 'The script', undefined, async (run) => {
    const first = run.untilIdle()
    handlers.idle?.()
    await first
    const second = run.untilIdle()
    handlers.idle?.()
    await second
  })
  assert.equal([host.exitCode(), host.err], [0, ''])
})

lifecycle.run()
