/** Workers on a queue of their own, started and stopped as a person does. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { openPostgres } from '../../runtime/queue/database/postgres.ts'
import { newJob } from '../../runtime/queue/job.ts'
import { openQueue } from '../../runtime/queue/open_queue.ts'
import { taskFilesOf } from '../../runtime/queue/task_files.ts'
import type { Registry } from '../../runtime/tasks/registry/registry.ts'
import { networkHost } from '../../runtime/transport/open_transport.ts'
import { type Postgres, startPostgres } from '../_postgres.ts'
import { LAUNCHER, tool } from './commands.ts'
import type { Usage } from './outcome.ts'
import { execute } from './processes.ts'
import type { Setup } from './setup.ts'

/** Where the queue is. */
export type Database = 'embedded' | 'PostgreSQL'

export interface Worker {
  /** How many runs it has said to be done. */
  done(): number
  stop(): Promise<Usage>
}

export interface Queue {
  /** Queues a task with no arguments so many times. */
  fill(task: string, count: number): Promise<void>
  /** Queues as many copies of a job that waits. Only on PostgreSQL. */
  copy(count: number): Promise<void>
  /** Resolves once the worker has said that it is there. */
  startWorker(words?: readonly string[]): Promise<Worker>
  /** Milliseconds that a command with these words takes. */
  command(words: readonly string[]): Promise<number>
}

/** Resolves once they have done so many runs together. */
export async function doneBy(workers: readonly Worker[], count: number): Promise<void> {
  const untilMs = performance.now() + LIMIT_MS
  while (workers.reduce((sum, worker) => sum + worker.done(), 0) < count) {
    if (performance.now() > untilMs) throw new Error(`${count} runs took more than ${LIMIT_MS / 1000} s`)
    await sleep(10)
  }
}

/** @throws {Error} where there is no PostgreSQL */
export async function withQueue<T>(setup: Setup, database: Database, action: (queue: Queue) => Promise<T>): Promise<T> {
  const server = database === 'PostgreSQL' ? await postgres() : undefined
  const own = { WFG_CACHE_DIR: setup.emptyFolder(), ...(server ? { WFG_DATABASE_URL: server.url } : {}) }
  const started: Worker[] = []
  try {
    return await action({
      fill: (task, count) => fill(setup, own, task, count),
      copy: (count) => copy(server!.url, count),
      async command(words) {
        const { env, ...command } = tool(setup, 'node20', words, { file: LAUNCHER.clone })
        return (await execute({ ...command, env: { ...env, ...own } })).wallMs
      },
      async startWorker(words = []) {
        const worker = await startWorker(setup, own, words)
        started.push(worker)
        return worker
      },
    })
  } finally {
    for (const worker of started) await worker.stop()
    await server?.remove()
  }
}

// --- internal ---

async function postgres(): Promise<Postgres> {
  const server = await startPostgres()
  if (!server) throw new Error('there is no PostgreSQL here')
  return server
}

async function fill(setup: Setup, own: Readonly<Record<string, string>>, name: string, count: number): Promise<void> {
  const { tasks } = (await import(pathToFileURL(join(setup.folders.clone, 'tasks.ts')).href)) as { tasks: Registry }
  const host = { ...networkHost(), env: { ...setup.env, ...own } }
  const { store } = await openQueue({ host, registry: tasks, flags: {} }, 'command')
  try {
    const profile = { name: 'default', isProtected: false }
    const files = taskFilesOf(tasks)
    const request = { files, argv: [], profile, confirm: undefined, yes: false, user: 'bench' }
    for (let at = 0; at < count; at++) {
      await store.enqueue(await newJob(host, tasks, tasks.find(name)!, request, 'Cannot queue it'))
    }
  } finally {
    await store.close()
  }
}

async function copy(url: string, count: number): Promise<void> {
  const sql = await openPostgres(networkHost(), url)
  try {
    await sql.query(
      `INSERT INTO wfg_queue.job (id, name, data, retry_limit) SELECT gen_random_uuid(), name, data, retry_limit
        FROM (SELECT * FROM wfg_queue.job WHERE state = 'created' LIMIT 1) AS waiting, generate_series(1, $1)`,
      [count],
    )
    await sql.query('ANALYZE')
  } finally {
    await sql.close()
  }
}

async function startWorker(
  setup: Setup,
  own: Readonly<Record<string, string>>,
  words: readonly string[],
): Promise<Worker> {
  const file = join(setup.emptyFolder(), 'usage.json')
  const preload = pathToFileURL(join(setup.folders.ways, '_usage.mjs')).href
  const { argv, cwd, env } = tool(setup, 'node20', ['worker', ...words], { file: LAUNCHER.clone })
  const [program, ...args] = argv
  const child = spawn(program!, ['--import', preload, ...args], { cwd, env: { ...env, ...own, BENCH_USAGE: file } })
  let said = ''
  let isStopped = false
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stdout.resume()
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const untilMs = performance.now() + LIMIT_MS
  while (!/ worker \S+ \(process \d+\): /.test(said)) {
    if (child.exitCode !== null || performance.now() > untilMs) throw new Error(`the worker said: ${said.slice(-500)}`)
    await sleep(10)
  }
  return {
    done: () => [...said.matchAll(/ done /g)].length,
    async stop() {
      // A second signal would end it by force.
      if (!isStopped) child.kill('SIGTERM')
      isStopped = true
      await ended
      return JSON.parse(readFileSync(file, 'utf8')) as Usage
    },
  }
}

const LIMIT_MS = 120_000
