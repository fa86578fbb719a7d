import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../runtime/core/errors.ts'
import { startMonitor } from '../../../runtime/queue/monitor/monitor.ts'
import type { Job, RunOutcome, Store } from '../../../runtime/queue/store.ts'
import { createWorkerLog, type WorkerLog } from '../../../runtime/queue/worker/worker_log.ts'
import { rejects } from '../../_assert.ts'
import { type FakeHost, fakeHost } from '../../_host.ts'
import { RUNTIME } from '../../_runtime.ts'
import { type MemoryStore, memoryStore } from '../_memory_store.ts'
import { ask, samples } from './_scrape.ts'

const monitor = suite('queue/monitor')

const WORKER = { id: 'w', hostname: 'here', pid: 1 }
const DONE: RunOutcome = { exitCode: 0, durationMs: 1500 }

interface Watched {
  readonly host: FakeHost
  readonly url: string
  readonly memory: MemoryStore
  readonly store: Store
  readonly log: WorkerLog
  readonly stopping: AbortController
  readonly files: { outdated: boolean }
}

async function watched(
  check: (watched: Watched) => Promise<void>,
  { tasks = ['report', 'other'], address = '127.0.0.1', counts = (memory: MemoryStore) => memory.counts } = {},
): Promise<void> {
  const host = fakeHost({ runtime: RUNTIME, versions: 'node 20.0.0, linux x64' })
  const memory = memoryStore(host.nowMs)
  const stopping = new AbortController()
  const files = { outdated: false, isOutdated: () => files.outdated }
  const options = { port: 0, address, tasks, files, signal: stopping.signal }
  const { watch, close } = await startMonitor(host, createWorkerLog(host), options)
  const [, port] = /:(\d+)(?:: |\n)/.exec(host.err.slice(host.err.indexOf('http'))) ?? []
  try {
    const { store, log } = watch({ ...memory, counts: counts(memory) })
    await check({ host, url: `http://127.0.0.1:${port}`, memory, store, log, stopping, files })
  } finally {
    await close()
  }
}

const job = (task: string): Job => memoryStore(() => 0).add(task)

monitor('/health is 200 while the worker is in contact with its database, and says why it is not', () =>
  watched(async ({ host, url, memory, store, stopping, files }) => {
    const health = async () => {
      const { status, headers, body } = await ask(`${url}/health`)
      assert.is(headers['content-type'], 'application/json')
      return [status, JSON.parse(body)]
    }
    const lost = [503, { ok: false, reason: 'the worker is not in contact with its database' }]
    assert.equal(await health(), lost, 'it has not asked yet')
    await store.renew(WORKER)
    assert.equal(await health(), [200, { ok: true }])
    await host.advance(10_999)
    assert.equal(await health(), [200, { ok: true }])
    await host.advance(1)
    assert.equal(await health(), lost)
    memory.down = ['renew']
    await rejects(store.renew(WORKER))
    assert.equal(await health(), lost)
    memory.down = false
    await store.renew(WORKER)
    assert.equal(await health(), [200, { ok: true }])
    files.outdated = true
    assert.equal(await health(), [503, { ok: false, reason: 'tasks.ts has changed since the worker started' }])
    stopping.abort()
    assert.equal(await health(), [503, { ok: false, reason: 'the worker is stopping' }])
  }),
)

monitor('/metrics has the jobs by state, the runs of this worker, and since when it runs', () =>
  watched(async ({ host, url, memory, log }) => {
    memory.add('report').state = 'running'
    memory.add('report').state = 'dead'
    memory.add('report')
    await host.advance(90_000)
    memory.add('report')
    log.ended(job('report'), DONE)
    log.ended(job('report'), { ...DONE, durationMs: 400_000 })
    log.ended(job('report'), { exitCode: 124, durationMs: 60_000, error: 'late' })
    log.interrupted(job('report'), WORKER)
    const { status, headers, body } = await ask(`${url}/metrics`)
    assert.equal([status, headers['content-type']], [200, 'application/openmetrics-text; version=1.0.0; charset=utf-8'])
    assert.match(body, /\n# EOF\n$/)
    assert.match(body, /^# TYPE wfg_runs counter$/m)
    assert.match(body, /^wfg_run_duration_seconds_bucket\{le="2.5",task="report"\} 1$/m)
    assert.match(body, /^wfg_run_duration_seconds_sum\{task="report"\} 461.5$/m)
    assert.match(body, /^wfg_worker_info\{version="[^"]+",runtime="node 20.0.0, linux x64"\} 1$/m)
    const found = samples(body)
    const names = ['done', 'failed', 'interrupted', 'timed out', 'refused']
    assert.equal(
      names.map((outcome) => found[`wfg_runs_total report ${outcome}`]),
      [2, 0, 1, 1, 0],
    )
    assert.is(found['wfg_runs_total other failed'], 0, 'before it first fails')
    assert.equal(
      ['waiting', 'running', 'failed', 'dead'].map((state) => found[`wfg_jobs ${state}`]),
      [2, 1, 0, 1],
    )
    assert.is(found['wfg_oldest_waiting_job_age_seconds'], 90)
    assert.is(found['wfg_run_duration_seconds'], 3)
    assert.is(found['wfg_worker_start_time_seconds'], Date.UTC(2026, 0, 1) / 1000)
    assert.match(host.err, / done report \S+ 1\.5 s\n/, 'the log goes on')
  }),
)

monitor('/metrics leaves out the jobs while they cannot be counted, and has them again later', () =>
  watched(async ({ url, memory, log }) => {
    memory.add('report')
    log.ended(job('report'), DONE)
    const names = async () => Object.keys(samples((await ask(`${url}/metrics`)).body))
    const all = await names()
    assert.ok(all.includes('wfg_jobs waiting') && all.includes('wfg_oldest_waiting_job_age_seconds'))
    memory.down = true
    const left = await names()
    assert.equal(
      all.filter((name) => !left.includes(name)),
      all.filter((name) => /^wfg_(jobs|oldest)/.test(name)),
    )
    memory.down = false
    assert.equal((await names()).sort(), all.sort())
  }),
)

monitor('/metrics does not wait long for a database that does not answer', () =>
  watched(
    async ({ host, url }) => {
      const answer = ask(`${url}/metrics`)
      while (host.pending === 0) await new Promise(setImmediate)
      await host.advance(5000)
      const { status, body } = await answer
      assert.is(status, 200)
      assert.not.match(body, /wfg_jobs\{/)
    },
    { counts: () => () => new Promise(() => {}) },
  ),
)

monitor('the jobs are counted only if somebody asks, once for all who ask at the same time', () => {
  let answer = (): void => {}
  let asked = 0
  const counts = (memory: MemoryStore) => async () => {
    asked += 1
    await new Promise<void>((resolve) => {
      answer = resolve
    })
    return memory.counts()
  }
  return watched(
    async ({ host, url, store }) => {
      await store.renew(WORKER)
      await ask(`${url}/health`)
      assert.is(asked, 0)
      const answers = [1, 2, 3].map(() => ask(`${url}/metrics`))
      while (host.pending < 3) await new Promise(setImmediate)
      answer()
      for (const { body } of await Promise.all(answers)) assert.is(samples(body)['wfg_jobs waiting'], 0)
      assert.is(asked, 1)
    },
    { counts },
  )
})

monitor('/metrics escapes what a label may not have', () =>
  watched(
    async ({ url }) => {
      const { body } = await ask(`${url}/metrics`)
      assert.match(body, /^wfg_runs_total\{task="a\\"b\\\\c\\nd",outcome="done"\} 0$/m)
      assert.is(samples(body)['wfg_runs_total a"b\\c\nd done'], 0)
    },
    { tasks: ['a"b\\c\nd'] },
  ),
)

monitor('only GET and HEAD of the two pages are answered, and only to this computer by its own names', () =>
  watched(async ({ url }) => {
    const port = new URL(url).port
    const status = async (path: string, method?: string, host?: string) =>
      (await ask(`${url}${path}`, method, host === undefined ? {} : { host })).status
    for (const path of ['/', '/x', '/health/', '/metricsx', '/constructor', '//health'])
      assert.is(await status(path), 404, path)
    assert.is(await status('/metrics?x=1'), 200)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const refused = await ask(`${url}/metrics`, method)
      assert.equal([refused.status, refused.headers.allow], [405, 'GET, HEAD'], method)
    }
    const head = await ask(`${url}/metrics`, 'HEAD')
    assert.equal([head.status, head.body], [200, ''])
    for (const host of [`localhost:${port}`, '127.0.0.1', `[::1]:${port}`])
      assert.is(await status('/metrics', 'GET', host), 200)
    for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example'])
      assert.is(await status('/metrics', 'GET', host), 403, host)
  }),
)

monitor('another address is served if it is asked for, under any name, and the log warns of it', () =>
  watched(
    async ({ host, url }) => {
      assert.is((await ask(`${url}/metrics`, 'GET', { host: 'worker.example:9464' })).status, 200)
      assert.match(
        host.err,
        /^\S+ \/health and \/metrics are at http:\/\/0\.0\.0\.0:\d+: everybody who can reach this address can read the names of the tasks\n$/,
      )
    },
    { address: '0.0.0.0' },
  ),
)

monitor('a port in use, and an address of another computer, are one sentence', () =>
  watched(async ({ host, url }) => {
    const start = (port: number, address: string) => {
      const files = { isOutdated: () => false }
      return startMonitor(host, createWorkerLog(host), { port, address, tasks: [], files, signal: AbortSignal.abort() })
    }
    const port = Number(new URL(url).port)
    const error = await rejects(start(port, '127.0.0.1'), { instance: UsageError, code: 'WFG_USAGE' })
    assert.match(
      error.message,
      new RegExp(
        `^Cannot listen on port ${port} of 127\\.0\\.0\\.1: the system says \\w+; choose another one with --port`,
      ),
    )
    await rejects(start(0, '192.0.2.1'), { instance: UsageError })
  }),
)

monitor.run()
