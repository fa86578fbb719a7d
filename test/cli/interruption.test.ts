/** Ctrl-C, SIGTERM and --timeout, from outside. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../runtime/core/visible.ts'
import { type CliResult, project, temporaryFolder } from '../_cli.ts'
import { NO_SIGNALS, needs, SENDS_SIGNALS } from '../_not_run.ts'
import { type ScriptedReply, withServer } from '../_server.ts'
import { type KeptProject, tasksOf, withKept } from '../tasks/history/_history.ts'
import { settingsFor, TOKEN } from './_configured.ts'
import { running } from './_running.ts'

const interruption = suite('cli/interruption')
const signalled = needs(SENDS_SIGNALS, NO_SIGNALS, interruption)

const FILES = {
  'tasks.ts': tasksOf(`
  slow: { script: './scripts/slow.ts', access: 'read' },
  deaf: { script: './scripts/deaf.ts', access: 'read' },
  open: { script: './scripts/open.ts', access: 'read' }`),
  'scripts/slow.ts': `import { defineScript } from '#wfg'
export default defineScript({
  async *run({ signal }) {
    try {
      yield { a: 1 }
      await new Promise((_, reject) => {
        setTimeout(() => {}, 60_000) // left open, and must not hold the process
        signal.addEventListener('abort', () => reject(signal.reason))
        console.log('waits')
      })
    } finally {
      await new Promise((resolve) => setTimeout(resolve, 50))
      console.log('cleaned up')
    }
  },
})`,
  'scripts/deaf.ts': `import { defineScript } from '#wfg'
export default defineScript({
  async *run() {
    yield { a: 1 }
    console.log('waits')
    await new Promise((resolve) => setTimeout(resolve, 60_000))
  },
})`,
  'scripts/open.ts': `import { defineScript } from '#wfg'
export default defineScript({ run() { setInterval(() => {}, 1000); return 'done' } })`,
}

function interrupted(
  args: readonly string[],
  signals: readonly NodeJS.Signals[],
  check: (ended: CliResult, kept: KeptProject) => void,
  entry = 'tasks.ts',
): Promise<void> {
  return withKept(FILES, async (kept) => {
    const { dir, env } = kept
    const run = running(join(dir, entry), args, { cwd: dir, home: env['HOME']!, env })
    await run.shows(/waits/)
    for (const [index, signal] of signals.entries()) {
      if (index > 0) await run.shows(/Stopping/)
      run.signal(signal)
    }
    check(await run.ended, kept)
  })()
}

const STOPPING = 'Stopping. Press Ctrl-C again to end at once.\n'

signalled('Ctrl-C aborts the signal, waits for cleanup, and ends with 130', () =>
  interrupted(['slow'], ['SIGINT'], ({ status, stdout, stderr }) => {
    assert.equal([status, stdout], [130, '{"a":1}\n'])
    assert.is(stderr, `waits\n${STOPPING}cleaned up\nInterrupted.\n`)
  }),
)

signalled('Ctrl-C does the same for a script that was started directly', () =>
  interrupted(
    [],
    ['SIGINT'],
    ({ status, stdout, stderr }) => {
      assert.equal([status, stdout], [130, '{"a":1}\n'])
      assert.is(stderr, `waits\n${STOPPING}cleaned up\nInterrupted.\n`)
    },
    'scripts/slow.ts',
  ),
)

signalled('SIGTERM does it without a word in between, and ends with 143, as its record says', () =>
  interrupted(['slow', '--out', 'rows.csv'], ['SIGTERM'], ({ status, stdout, stderr }, { dir, records }) => {
    const partial = join(dir, 'rows.csv.partial')
    assert.equal([status, stdout], [143, ''])
    assert.is(stderr, `waits\ncleaned up\nWhat was written so far is in ${quotedPath(partial)}.\nInterrupted.\n`)
    assert.is(readFileSync(partial, 'utf8'), 'a\n1\n')
    assert.not(existsSync(join(dir, 'rows.csv')))
    assert.equal(
      records().map(({ outcome, exitCode }) => [outcome, exitCode]),
      [['interrupted', 143]],
    )
  }),
)

signalled('a second Ctrl-C ends a script that does not listen at once', () =>
  interrupted(['deaf', '--out', 'rows.csv'], ['SIGINT', 'SIGINT'], ({ status, stderr }, { dir }) => {
    const partial = join(dir, 'rows.csv.partial')
    assert.is(status, 130)
    assert.match(stderr, /^waits\nStopping\. .*\n(What was written .*\n)?Interrupted\.\n(What was written .*\n)?$/)
    assert.ok(stderr.includes(`What was written so far is in ${quotedPath(partial)}.`), stderr)
    assert.ok(existsSync(partial))
  }),
)

interruption(
  '--timeout ends with 124: a script that listens, one that does not five seconds later, and what one that is done left open',
  withKept(FILES, async ({ run, records }) => {
    const over = 'The time of 4 s for this run (--timeout) is over.\n'
    const [slow, deaf, open] = await Promise.all(
      ['slow', 'deaf', 'open'].map((name) => run([name, '--timeout', '4'], { limitMs: 90_000 })),
    )
    assert.equal(slow, ended(124, '{"a":1}\n', `waits\ncleaned up\n${over}`))
    assert.equal(deaf, ended(124, '{"a":1}\n', `waits\n${over}It did not stop within 5 s and was ended.\n`))
    assert.equal(open, ended(124, 'done\n', over))
    const kept = records().map(({ task, outcome, exitCode, error }) => [task, outcome, exitCode, error !== undefined])
    assert.equal(
      kept.filter(([task]) => task === 'deaf'),
      [['deaf', 'timed out', 124, true]],
    )
  }),
)

function ended(status: number, stdout: string, stderr: string): CliResult {
  return { status, signal: null, stdout, stderr }
}

const STARTS = 'wfg`mutation StartRequest { createRequest(input: { processName: "P" }) { request { number } } }`'

signalled('a run that is ended at once names the mutation whose answer it did not wait for', async () => {
  const files = {
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  defined: { script: './scripts/defined.ts' },
  plain: { script: './scripts/plain.ts' },
})
await main(import.meta, tasks)`,
    'scripts/defined.ts': `import { defineScript } from '#wfg'
export default defineScript({ run: ({ wfg }) => ${STARTS} })`,
    'scripts/plain.ts': `import { wfg } from '#wfg'
await ${STARTS}`,
  }
  const { dir, cleanup } = project(files)
  try {
    for (const [entry, args] of [
      ['tasks.ts', ['defined']],
      ['tasks.ts', ['plain']],
      ['scripts/plain.ts', []],
    ] as const) {
      let sent: (() => void) | undefined
      const received = new Promise<void>((resolve) => {
        sent = resolve
      })
      const stall: ScriptedReply = () => {
        sent?.()
        return { fault: 'stall' }
      }
      await withServer([TOKEN, stall], async (server) => {
        const home = temporaryFolder()
        try {
          const run = running(join(dir, entry), args, { cwd: dir, home, env: settingsFor(server) })
          await received
          run.signal('SIGINT')
          await run.shows(/Stopping/)
          run.signal('SIGINT')
          const { status, stderr } = await run.ended
          assert.is(status, 130)
          assert.match(
            stderr,
            /The answer to the mutation "StartRequest" was not waited for, so the outcome is unknown\. Look in WorkflowGen/,
          )
        } finally {
          rmSync(home, { recursive: true })
        }
      })
    }
  } finally {
    cleanup()
  }
})

interruption.run()
