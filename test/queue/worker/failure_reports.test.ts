import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../runtime/core/errors.ts'
import type { JobData } from '../../../runtime/queue/store.ts'
import { taskFilesOf } from '../../../runtime/queue/task_files.ts'
import {
  checkFailureTasks,
  createFailureReports,
  type FailureReports,
} from '../../../runtime/queue/worker/failure_reports.ts'
import { createWorkerLog } from '../../../runtime/queue/worker/worker_log.ts'
import type { TaskEntry } from '../../../runtime/tasks/registry/entry.ts'
import { defineTasks, type Registry } from '../../../runtime/tasks/registry/registry.ts'
import { rejects } from '../../_assert.ts'
import { folderWithPackages } from '../../_cli.ts'
import { type FakeHost, fakeHost } from '../../_host.ts'
import { withFolder } from '../../tasks/_folder.ts'
import { HASH, type KeptJob, type MemoryStore, memoryStore } from '../_memory_store.ts'

const failureReports = suite('queue/failure_reports')

const takes = (
  args: string,
) => `import { defineScript } from '${new URL('../../../runtime/script/define.ts', import.meta.url)}'
import * as v from 'valibot'
export default defineScript({ args: ${args}, run() {} })`

const FILES = {
  'package.json': '{"type":"module"}',
  'tasks.ts': '',
  'a.ts': takes('undefined'),
  'tell.ts':
    takes(`v.object({ task: v.string(), id: v.pipe(v.string(), v.uuid()), exitCode: v.pipe(v.number(), v.integer()),
    error: v.pipe(v.string(), v.nonEmpty()), attempts: v.pipe(v.number(), v.minValue(1)), host: v.string() })`),
  'few.ts': takes(`v.object({ task: v.string(), id: v.string(), exitCode: v.string(), attempts: v.number() })`),
  'plain.ts': `throw new Error('a plain file must not be imported')`,
  '.env.prod': 'WFG_PROTECTED=true\n',
}

const ENTRIES: Record<string, TaskEntry> = {
  a: { script: './a.ts', onFailure: 'tell' },
  tell: { script: './tell.ts', access: 'read', retry: { limit: 1 }, onFailure: 'other' },
  other: { script: './tell.ts' },
}

interface Bench {
  readonly host: FakeHost
  readonly store: MemoryStore
  readonly registry: Registry
  /** Another worker with the same files. */
  worker(): FailureReports
  /** A job whose last attempt failed. */
  fails(given?: Partial<JobData>, outcome?: { exitCode: number; error: string }): Promise<KeptJob>
}

const withBench = (entries: Record<string, TaskEntry>, work: (bench: Bench) => Promise<void>, options = {}) =>
  withFolder(
    FILES,
    async (folder, url) => {
      const own = { cwd: () => folder, hostname: () => 'here', redirectConsole: () => () => {} }
      const host = fakeHost({ ...own, env: {}, secrets: {} })
      const store = memoryStore(host.nowMs)
      const registry = defineTasks(url, entries, options)
      await work({
        ...{ host, store, registry },
        worker: () => createFailureReports({ host, registry } as never, store, createWorkerLog(host)),
        async fails(given, outcome = { exitCode: 5, error: 'Three entries failed.' }) {
          const { onFailure } = registry.find('a')!
          const queuedBy = { host: 'desk', user: 'ada' }
          const data = { v: 1, task: 'a', args: {}, profile: 'default', hash: HASH, queuedBy, onFailure, ...given }
          const job = store.add('a', { data: data as JobData })
          await store.fetch('a', HASH)
          await store.fail(job, { durationMs: 1, ...outcome })
          return job
        },
      })
    },
    folderWithPackages(),
  )

failureReports('a dead job leads to one job with its failure, as the entry of that task has it, whoever looks', () =>
  withBench(ENTRIES, async ({ host, store, registry, worker, fails }) => {
    const dead = await fails({ yes: true })
    const workers = [worker(), worker(), worker()]
    const queued = await Promise.all(workers.map((each) => each.tick()))
    assert.equal(queued.sort(), [0, 0, 1])
    assert.is(await worker().tick(), 0)
    const [, { id, attempt, state, dueMs, retryDelayMs, ...job }] = store.kept as [KeptJob, KeptJob]
    const hash = taskFilesOf(registry).hashOf(registry.find('tell')!)
    const args = { task: 'a', id: dead.id, exitCode: 5, error: 'Three entries failed.', attempts: 1, host: 'elsewhere' }
    const queuedBy = { host: 'here', user: 'ada' }
    assert.equal(job, {
      ...{ task: 'tell', hash, retryLimit: 1 },
      data: { v: 1, task: 'tell', args, profile: 'default', hash, yes: true, queuedBy },
    })
    assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    assert.is(store.kept.length, 2)
    assert.is(host.err, `2026-01-01T00:00:00Z onFailure of a 00000000: queued tell ${id.slice(0, 8)}\n`)
  }),
)

failureReports('a worker that ended before it said so, or the database away, leads to no second job', () =>
  withBench(ENTRIES, async ({ store, worker, fails }) => {
    await fails()
    for (const down of ['untold', 'enqueue', 'told']) {
      store.down = [down]
      await rejects(() => worker().tick(), { message: 'Cannot reach the database.' })
    }
    store.down = false
    assert.is(await worker().tick(), 0)
    assert.equal(
      store.kept.map(({ task }) => task),
      ['a', 'tell'],
    )
  }),
)

failureReports('an attempt by hand that fails as well is another failure', () =>
  withBench(ENTRIES, async ({ store, worker, fails }) => {
    const dead = await fails()
    await worker().tick()
    Object.assign(dead, { attempt: 1 })
    assert.equal([await worker().tick(), await worker().tick()], [1, 0])
    const reports = store.kept.filter(({ task }) => task === 'tell')
    assert.equal(
      reports.map(({ data }) => data.args['attempts']),
      [1, 2],
    )
    assert.is(new Set(reports.map(({ id }) => id)).size, 2)
  }),
)

failureReports('nobody is told of the failure of such a job, also with a default for all', async () => {
  const ends = async ({ store, worker, fails }: Bench) => {
    await fails()
    assert.is(await worker().tick(), 1)
    const [, report] = store.kept
    assert.is(report!.data.onFailure, undefined)
    for (const _ of [1, 2]) {
      await store.fetch('tell', report!.hash)
      await store.fail(report!, { exitCode: 1, durationMs: 1, error: 'No network.' })
    }
    assert.equal([report!.state, await worker().tick()], ['dead', 0])
  }
  await withBench(ENTRIES, ends)
  const circle = { a: { script: './a.ts' }, tell: { ...ENTRIES['tell'], onFailure: 'a' } }
  await withBench(circle, ends, { defaults: { onFailure: 'tell' } })
})

failureReports('a protected profile counts as confirmed if the failed job was; else it is only logged, once', () =>
  withBench({ ...ENTRIES, a: { script: './a.ts', onFailure: 'other' } }, async ({ host, store, worker, fails }) => {
    await fails({ profile: 'prod' })
    assert.equal([await worker().tick(), await worker().tick()], [0, 0])
    assert.is(
      host.err,
      '2026-01-01T00:00:00Z onFailure of a 00000000: other does not run: It cannot be queued: the task can write, ' +
        'the profile "prod" is protected, and nobody confirmed it. Nothing was queued. Say --confirm prod if it is meant for that server.\n',
    )
    await fails({ profile: 'prod', confirmed: true })
    assert.is(await worker().tick(), 1)
    const { profile, confirmed } = store.kept[2]!.data
    assert.equal([profile, confirmed], ['prod', true])
  }),
)

failureReports('a worker without onFailure in its tasks.ts asks the database nothing', () =>
  withBench({ a: { script: './a.ts' } }, async ({ store, worker, fails }) => {
    await fails({ onFailure: 'tell' })
    const before = store.calls.length
    assert.equal([await worker().tick(), store.calls.length], [0, before])
  }),
)

failureReports('checkFailureTasks() names every task that does not take the arguments, and what is wrong', () =>
  withBench(
    {
      a: { script: './a.ts', onFailure: 'tell' },
      b: { script: './a.ts', onFailure: 'few' },
      c: { script: './a.ts', onFailure: 'plain' },
      d: { script: './a.ts', onFailure: 'both' },
      tell: { script: './tell.ts' },
      few: { script: './few.ts' },
      plain: { script: './plain.ts' },
      both: { needs: ['tell'] },
    },
    async ({ host, registry }) => {
      const { message } = await rejects(() => checkFailureTasks({ host, registry } as never), { instance: UsageError })
      assert.is(
        message,
        `Cannot use "onFailure":
  "few": Cannot use these arguments:
  in the arguments of "few", "error" is not one of the arguments
  in the arguments of "few", "host" is not one of the arguments
  --exit-code needs a text
  "plain": It cannot be queued with arguments: its script is a plain file, which has no schema, so nothing could check them; make it a defineScript.
  "both": It cannot be queued with arguments: it has no script of its own, so nothing could check them.`,
      )
    },
  ),
)

failureReports.run()
