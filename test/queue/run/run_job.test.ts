/** A run as a process of its own, whose worker is this test. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Assignment, newMark, readNote } from '../../../runtime/queue/run/run_messages.ts'
import { taskFilesOf } from '../../../runtime/queue/task_files.ts'
import { RUN_LEASE_MS } from '../../../runtime/queue/worker/lease.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { runtimeArgs } from '../../_runtime.ts'
import { withOffice } from '../_office.ts'

const run = suite('cli/queue/run_job')

run('a run ends with its lease when its worker is silent, and goes on when it hears from it', () => {
  const script = `export default defineScript({ async run({ signal }) {
  note('begin')
  while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20))
  note('aborted')
} })`
  return withOffice(
    ["waits: { script: './scripts/waits.ts', access: 'read' }", { waits: script }, {}, true],
    async (office) => {
      const file = join(office.dir, 'tasks.ts')
      const registry = defineTasks(pathToFileURL(file).href, {
        waits: { script: './scripts/waits.ts', access: 'read' },
      })
      const files = taskFilesOf(registry)
      const task = registry.find('waits')!
      const hash = files.hashOf(task)
      const mark = newMark()
      const data = { v: 1, task: 'waits', args: {}, hash, queuedBy: { host: 'h', user: 'u' } } as const
      const assignment: Assignment = {
        job: { id: 'run-1', attempt: 0, data },
        flags: { profile: 'sandbox', timeoutMs: 60_000 },
        files: files.filesOf(task),
        mark,
        leaseUntilMs: Date.now() + RUN_LEASE_MS,
      }
      const child = spawn(process.execPath, [...runtimeArgs(file), file, 'worker', '--job'], {
        cwd: office.dir,
        env: { PATH: process.env['PATH'], HOME: join(office.dir, 'home') },
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      })
      try {
        let said = ''
        child.stderr!.on('data', (text) => {
          said += text
        })
        const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
        child.send(assignment)
        while (office.notes().length === 0) {
          child.send({ leaseUntilMs: Date.now() + RUN_LEASE_MS })
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        child.send({ leaseUntilMs: Date.now() + 100 })
        assert.is(await ended, 143)
        assert.equal(office.notes(), ['begin', 'aborted'])
        const report = said
          .split('\n')
          .flatMap((line) => readNote(mark, line) ?? [])
          .filter((note) => 'exitCode' in note)
        assert.equal(
          report.map(({ exitCode, error }) => [exitCode, error]),
          [[143, 'Interrupted: the worker was silent for too long, so another one takes over.']],
        )
      } finally {
        child.kill('SIGKILL')
      }
    },
  )
})

run('a process that still waits for its job ends with its worker', () =>
  withOffice(["plain: { script: './scripts/plain.ts' }", { plain: '' }, {}, true], async ({ dir }) => {
    const file = join(dir, 'tasks.ts')
    const child = spawn(process.execPath, [...runtimeArgs(file), file, 'worker', '--job'], {
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
