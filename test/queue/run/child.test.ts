/** A run seen from its worker, where the process does what no run of ours would. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Run, type RunOptions, startProcess, startRun } from '../../../runtime/queue/run/child.ts'
import { newMark, readNote, reportLine } from '../../../runtime/queue/run/run_messages.ts'
import type { Job, JobData } from '../../../runtime/queue/store.ts'
import type { StreamName } from '../../../runtime/tasks/kept/kept.ts'
import { temporaryFolder } from '../../_cli.ts'
import { type FakeHost, fakeHost } from '../../_host.ts'
import { SENDS_SIGNALS } from '../../_not_run.ts'
import { RUNTIME, runtimeArgs } from '../../_runtime.ts'
import { until } from '../_office.ts'

const child = suite('cli/queue/child')

const DATA: JobData = {
  ...{ v: 1, task: 'a', args: { x: 1 }, profile: 'test', hash: 'h', confirmed: true, yes: true },
  queuedBy: { host: 'h', user: 'u' },
}
const JOB: Job = { id: 'id', task: 'a', hash: 'h', attempt: 1, data: DATA }

/** Reads the assignment as `given`, and can report. */
const PROGRAM = `import process from 'node:process'
const given = await new Promise((resolve) => process.once('message', resolve))
const say = (text) => process.stderr.write(text)
const report = (report) => say('\\n' + given.mark + JSON.stringify(report) + '\\n')
`

interface Started {
  readonly run: Run
  readonly host: FakeHost
}

async function withRun(
  body: string,
  options: Omit<RunOptions, 'files'>,
  check: (started: Started) => Promise<void>,
): Promise<void> {
  const folder = temporaryFolder()
  const host = fakeHost({
    ...{ env: { PATH: process.env['PATH'], OTHER: 'x' }, platform: process.platform, runtime: RUNTIME },
    secrets: { WFG_CLIENT_SECRET: 'client-secret', WFG_DATABASE_URL: 'postgres://u:db-secret@h/d' },
    kill: (pid, signal) => process.kill(pid, signal),
  })
  host.redactor.add('client-secret')
  try {
    const file = join(folder, 'run.mjs')
    writeFileSync(file, `${PROGRAM}${body}`)
    const waiting = startProcess(host, [process.execPath, ...runtimeArgs(file), file])
    await check({ run: startRun(host, waiting, JOB, { files: ['/a.ts'], ...options }), host })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

child("a run gets the job, its flags, and all secrets except the database's", () =>
  withRun(
    `report({ exitCode: 0, user: JSON.stringify([given.job, given.flags, given.files, process.argv.slice(2), process.env.OTHER, process.env.WFG_CLIENT_SECRET, 'WFG_DATABASE_URL' in process.env]), operations: { query: 2 } })`,
    { timeoutSeconds: 60 },
    async ({ run }) => {
      const { durationMs, user, ...outcome } = await run.ended
      assert.equal(outcome, { exitCode: 0, operations: { query: 2 } })
      assert.type(durationMs, 'number')
      assert.equal(JSON.parse(user!), [
        { id: 'id', attempt: 1, data: DATA },
        { profile: 'test', confirm: 'test', yes: true, timeoutMs: 60_000 },
        ['/a.ts'],
        ['worker', '--job'],
        ...['x', 'client-secret', false],
      ])
    },
  ),
)

child("a token that a run masks for GitHub Actions is masked in the worker's output", () =>
  withRun(
    `say('::add-mask::token-of-the-run\\nsent token-of-the-run\\n'); report({ exitCode: 0 })`,
    { prefix: '[a] ' },
    async ({ run, host }) => {
      await run.ended
      assert.is(host.err, '[a] sent [redacted]\n')
    },
  ),
)

child('a run without a time limit ends before pg-boss gives its job to another worker', () =>
  withRun(`report({ exitCode: 0, user: String(given.flags.timeoutMs) })`, {}, async ({ run }) => {
    assert.is((await run.ended).user, '82800000')
  }),
)

child("a run's output is passed on if asked for, without secrets and without the report line", () =>
  withRun(`say('one client-secret\\n\\ntwo'); report({ exitCode: 0 })`, { prefix: '[a] ' }, async ({ run, host }) => {
    await run.ended
    assert.is(host.err, '[a] one [redacted]\n[a] two\n')
  }),
)

const FAILURES: readonly (readonly [title: string, body: string, exitCode: number, error: string])[] = [
  [
    'reports',
    `report({ exitCode: 4, error: 'No client-secret.\\nMore.' }); process.exitCode = 4`,
    4,
    'No [redacted].\nMore.',
  ],
  [
    'fails before it could report',
    `say('error: Cannot read client-secret.\\n'); process.exitCode = 2`,
    2,
    'Cannot read [redacted].',
  ],
  ['says nothing', 'process.exitCode = 3', 3, 'The run ended with exit code 3 and said nothing of it.'],
  [
    'is killed',
    `process.kill(process.pid, 'SIGKILL')`,
    ...(SENDS_SIGNALS
      ? ([137, 'The run was ended by the system or by somebody (exit code 137).'] as const)
      : ([1, 'The run ended with exit code 1 and said nothing of it.'] as const)),
  ],
]
for (const [title, body, exitCode, error] of FAILURES) {
  child(`a run that ${title}`, () =>
    withRun(body, {}, async ({ run }) => {
      const outcome = await run.ended
      assert.equal([outcome.exitCode, outcome.error], [exitCode, error])
    }),
  )
}

child('what a run prints is kept, masked by the secrets that it told, however they are split', () => {
  const lines: Record<StreamName, string[]> = { output: [], log: [] }
  const keep: RunOptions['keep'] = (mask) => ({
    output: (line) => lines.output.push(mask(line)) > 0,
    log: (line) => lines.log.push(mask(line)) > 0,
    flush() {},
    close: async () => {},
  })
  return withRun(
    `const secret = 'hush-'.repeat(300)
say('open line')
for (const part of [secret.slice(0, 600), secret.slice(600, 1200)]) say('\\n' + given.mark + JSON.stringify({ secret: part, isLast: false }) + '\\n')
say('\\n' + given.mark + JSON.stringify({ secret: secret.slice(1200), isLast: true }) + '\\n')
say('a ' + secret.slice(0, 7))
await new Promise((resolve) => setTimeout(resolve, 50))
say(secret.slice(7) + '\\n\\nerror: ' + secret + '\\n')
process.stdout.write(secret + '\\n' + 'x'.repeat(200000))
report({ exitCode: 0 })`,
    { keep },
    async ({ run, host }) => {
      assert.is((await run.ended).exitCode, 0)
      assert.is(lines.log.join(''), 'open line\na [redacted]\n\nerror: [redacted]\n')
      assert.is(lines.output.join(''), `[redacted]\n${'x'.repeat(200_000)}`)
      assert.is(host.err, '')
    },
  )
})

child('a program that cannot be started fails the run', async () => {
  const host = fakeHost({ env: {}, secrets: {}, platform: process.platform, runtime: RUNTIME, kill: () => false })
  const { exitCode, error } = await startRun(host, startProcess(host, [join('/', 'no', 'such', 'program')]), JOB, {
    files: [],
  }).ended
  assert.is(exitCode, 1)
  assert.match(error!, /^Cannot start the run: /)
})

child('a run that has reported but leaves something open is ended, and its report counts', () =>
  withRun(`report({ exitCode: 0 }); setInterval(() => {}, 1000)`, { prefix: '' }, async ({ run, host }) => {
    await until('it reported', () => (host.pending > 1 ? true : undefined))
    await host.advance(5000)
    const { exitCode, error } = await run.ended
    assert.equal([exitCode, error], [0, undefined])
  }),
)

child('a run that ignores the request to stop is killed', () =>
  withRun(
    `process.on('SIGTERM', () => {}); say('begun\\n'); setInterval(() => {}, 1000)`,
    { prefix: '' },
    async ({ run, host }) => {
      await until('it runs', () => (host.err.includes('begun') ? true : undefined))
      run.stop()
      run.end()
      await host.advance(5000)
      const { exitCode, error } = await run.ended
      assert.equal([exitCode, error], [143, 'The run was ended by the system or by somebody (exit code 143).'])
    },
  ),
)

child('a run that blocks its event loop is killed after its time limit', () =>
  withRun(`say('begun\\n'); for (;;);`, { prefix: '', timeoutSeconds: 60 }, async ({ run, host }) => {
    await until('it runs', () => (host.err.includes('begun') ? true : undefined))
    await host.advance(80_000)
    assert.is((await run.ended).exitCode, 124)
  }),
)

child('only a line with the mark is a report', () => {
  const [mark, other] = [newMark(), newMark()]
  assert.is.not(mark, other)
  const report = { exitCode: 1, error: 'a\nb' }
  assert.equal(readNote(mark, reportLine(mark, report).trim()), report)
  assert.is(readNote(mark, reportLine(other, report).trim()), undefined)
  assert.equal(readNote(mark, `${mark}{"secret":"ab`), { secret: '', isLast: true })
})

child.run()
