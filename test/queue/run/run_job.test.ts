/** A run as a process of its own, whose worker is this test. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Assignment, newMark, readNote, type WorkerMessage } from '../../../runtime/queue/run/run_messages.ts'
import type { JobData } from '../../../runtime/queue/store.ts'
import { taskFilesOf } from '../../../runtime/queue/task_files.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { startOf } from '../../_runtime.ts'
import { type Office, withOffice } from '../_office.ts'

const run = suite('cli/queue/run_job')

interface Running {
  readonly office: Office
  send(message: Assignment | WorkerMessage): void
  /** The exit code, and what the run reported. */
  readonly ended: Promise<[number | null, ...unknown[]]>
}

/** Starts the run of a task with this script; `change` is applied to its job. */
function withRun(script: string, change: Partial<JobData>, action: (running: Running) => Promise<void>): Promise<void> {
  const entry = { script: './scripts/x.ts', access: 'read' } as const
  return withOffice([`x: ${JSON.stringify(entry)}`, { x: script }, {}, true], async (office) => {
    const file = join(office.dir, 'tasks.ts')
    const registry = defineTasks(pathToFileURL(file).href, { x: entry })
    const files = taskFilesOf(registry)
    const task = registry.find('x')!
    const mark = newMark()
    const hash = files.hashOf(task)
    const data: JobData = { v: 1, task: 'x', args: {}, hash, queuedBy: { host: 'h', user: 'u' }, ...change }
    const [program, ...args] = startOf(file, office.dir)
    const child = spawn(program, [...args, 'worker', '--job'], {
      cwd: office.dir,
      env: { PATH: process.env['PATH'], HOME: join(office.dir, 'home') },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    try {
      let said = ''
      child.stderr!.on('data', (text) => {
        said += text
      })
      const ended = new Promise<[number | null, ...unknown[]]>((resolve) =>
        child.once('close', (status) => {
          const notes = said.split('\n').flatMap((line) => readNote(mark, line) ?? [])
          resolve([status, ...notes.flatMap((note) => ('exitCode' in note ? [note.exitCode, note.error] : []))])
        }),
      )
      const send: Running['send'] = (message) => {
        if (!child.connected) throw new Error(`the run has ended, and said: ${said}`)
        child.send(message)
      }
      send({
        job: { id: 'run-1', attempt: 0, data },
        flags: { profile: 'sandbox', timeoutMs: 60_000 },
        files: files.filesOf(task),
        mark,
        // Under Wine a start takes long.
        leaseUntilMs: Date.now() + 60_000,
      })
      await action({ office, send, ended })
    } finally {
      child.kill('SIGKILL')
    }
  })
}

const WAITS = `export default defineScript({ async run({ signal }) {
  note('begin')
  while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20))
  note('aborted')
} })`

run('a run ends with its lease when its worker is silent, and goes on when it hears from it', () =>
  withRun(WAITS, {}, async ({ office, send, ended }) => {
    while (office.notes().length === 0) await sleep(50)
    for (let at = 0; at < 10; at++) {
      send({ leaseUntilMs: Date.now() + 2000 })
      await sleep(300)
    }
    assert.equal(office.notes(), ['begin'])
    send({ leaseUntilMs: Date.now() + 100 })
    const error = 'Interrupted: the worker was silent for too long, so another one takes over.'
    assert.equal(await ended, [143, 143, error])
    assert.equal(office.notes(), ['begin', 'aborted'])
  }),
)

run('a job whose result would go elsewhere than a schedule may say does not run', () =>
  withRun(WAITS, { out: '../{id}.json' }, async ({ office, ended }) => {
    const error = 'Cannot write the result to "../run-1.json": it is outside of the folder of tasks.ts.'
    assert.equal(await ended, [2, 2, error])
    assert.equal(office.notes(), [])
  }),
)

run('a process that still waits for its job ends with its worker', () =>
  withOffice(["plain: { script: './scripts/plain.ts' }", { plain: '' }, {}, true], async ({ dir }) => {
    const [program, ...args] = startOf(join(dir, 'tasks.ts'), dir)
    const child = spawn(program, [...args, 'worker', '--job'], {
      cwd: dir,
      env: { PATH: process.env['PATH'], HOME: join(dir, 'home') },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.disconnect()
    assert.is(await ended, 143)
  }),
)

run.run()
