/** A store in memory, for what a worker does with one: its clock is the test's, and it can be out of reach. */

import { TransportError } from '../../runtime/core/errors.ts'
import type {
  Failure,
  Job,
  JobData,
  NewJob,
  Reaped,
  RunOutcome,
  Store,
  WorkerIdentity,
} from '../../runtime/queue/store.ts'

export interface KeptJob extends Job {
  state: 'waiting' | 'running' | 'failed' | 'dead' | 'done'
  attempt: number
  readonly retryLimit: number
  dueMs: number
  readonly retryDelayMs: number
  outcome?: RunOutcome
}

export interface MemoryStore extends Store {
  readonly kept: readonly KeptJob[]
  /** Every call of the store, by name, in order. */
  readonly calls: readonly string[]
  /** Names of calls that reject from now on; `true` for all. */
  down: boolean | readonly string[]
  /** Another worker took this one for dead. */
  taken: boolean
  /** Called by `begin()` before it answers. */
  onBegin: (job: Job) => void
  /** What `reap()` gives next. */
  dead: Reaped[]
  /** Tells the worker that a job is due, as another process does. */
  notify: () => void
  /** Keys that somebody else holds. */
  readonly elsewhere: Set<string>
  /** Keys that this store holds. */
  readonly held: Set<string>
  /** Ids of jobs whose attempt somebody else has begun. */
  readonly begunElsewhere: Set<string>
  add(task: string, given?: Partial<NewJob>): KeptJob
}

export const HASH = 'a'.repeat(64)

export function memoryStore(nowMs: () => number): MemoryStore {
  const kept: KeptJob[] = []
  const calls: string[] = []
  const told = new Set<string>()
  const cronTimes = new Map<string, Date>()
  const isDue = (job: KeptJob) => (job.state === 'waiting' || job.state === 'failed') && job.dueMs <= nowMs()
  const find = (id: string) => kept.find((job) => job.id === id)
  const never = (): never => {
    throw new Error('not of this store')
  }

  const methods = {
    async enqueue({ id = `00000000-0000-4000-8000-${String(kept.length).padStart(12, '0')}`, ...job }: NewJob) {
      if (find(id)) return { id, isNew: false }
      const { task, hash, data, retryLimit, retryDelaySeconds } = job
      const retryDelayMs = retryDelaySeconds * 1000
      kept.push({ id, task, hash, data, attempt: 0, state: 'waiting', retryLimit, retryDelayMs, dueMs: nowMs() })
      return { id, isNew: true }
    },
    async watch(onWork: () => void) {
      store.notify = onWork
    },
    async waiting() {
      const due = kept.filter(isDue)
      const groups = new Map(due.map(({ task, hash }) => [`${task} ${hash}`, { task, hash }]))
      return [...groups.values()].map(({ task, hash }) => ({
        ...{ task, hash },
        count: due.filter((job) => job.task === task && job.hash === hash).length,
      }))
    },
    async counts() {
      const count = (state: KeptJob['state']) => kept.filter((job) => job.state === state).length
      const jobs = {
        waiting: count('waiting'),
        running: count('running'),
        failed: count('failed'),
        dead: count('dead'),
      }
      const dueMs = kept.filter(isDue).map((job) => job.dueMs)
      return { jobs, oldestSeconds: dueMs.length > 0 ? (nowMs() - Math.min(...dueMs)) / 1000 : 0 }
    },
    async fetch(task: string, hash: string) {
      const job = kept.find((each) => isDue(each) && each.task === task && each.hash === hash)
      if (!job) return undefined
      job.state = 'running'
      return { ...job }
    },
    async begin(job: Job) {
      const isOwn = !begunElsewhere.has(job.id)
      store.onBegin(job)
      store.onBegin = () => {}
      return isOwn
    },
    async complete({ id }: Job, outcome: RunOutcome) {
      Object.assign(find(id)!, { state: 'done', outcome })
      return !store.taken
    },
    async fail({ id }: Job, outcome: RunOutcome) {
      const job = find(id)!
      const isLast = job.attempt >= job.retryLimit
      Object.assign(job, { outcome, state: isLast ? 'dead' : 'failed', dueMs: nowMs() + job.retryDelayMs })
      if (!isLast) job.attempt += 1
      return !store.taken
    },
    async lock(key: string) {
      if (elsewhere.has(key) || held.has(key)) return undefined
      held.add(key)
      return async () => void held.delete(key)
    },
    lastCronTime: async (task: string) => cronTimes.get(task),
    setCronTime: async (task: string, time: Date) => void cronTimes.set(task, time),
    keep: async () => {},
    register: async (_worker: WorkerIdentity) => {},
    renew: async (_worker: WorkerIdentity) => {
      const isAlive = !store.taken
      store.taken = false
      return isAlive
    },
    async reap() {
      const found = store.dead
      store.dead = []
      return found
    },
    async untold(tasks: readonly string[]): Promise<Failure[]> {
      const dead = kept.filter(({ id, state, attempt }) => state === 'dead' && !told.has(`${id} ${attempt}`))
      return dead.flatMap(({ id, task, attempt, data, outcome }) => {
        const { exitCode = 143, error = 'gone' } = outcome ?? {}
        const { onFailure = '' } = data
        const failure = { id, task, attempt, data, onFailure, exitCode, error, hostname: 'elsewhere' }
        return tasks.includes(onFailure) ? failure : []
      })
    },
    told: async ({ id, attempt }: Pick<Job, 'id' | 'attempt'>) => void told.add(`${id} ${attempt}`),
  }
  const elsewhere = new Set<string>()
  const held = new Set<string>()
  const begunElsewhere = new Set<string>()
  const isDown = (name: string) => (Array.isArray(store.down) ? store.down.includes(name) : store.down === true)
  const counted = Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      async (...given: unknown[]) => {
        calls.push(name)
        if (isDown(name)) throw new TransportError('Cannot reach the database.', { code: 'WFG_NETWORK' })
        return (method as (...all: unknown[]) => unknown)(...given)
      },
    ]),
  ) as unknown as typeof methods
  const store: MemoryStore = {
    ...counted,
    ...{ jobs: never, retry: never, drop: never },
    close: async () => {},
    ...{ kept, calls, elsewhere, held, begunElsewhere },
    down: false,
    taken: false,
    onBegin: () => {},
    notify: () => {},
    dead: [],
    add(task, given = {}) {
      const data = {
        v: 1,
        task,
        args: {},
        hash: HASH,
        queuedBy: { host: 'h', user: 'u' },
      } satisfies JobData
      const job = { task, hash: HASH, data, retryLimit: 0, retryDelaySeconds: 0, expireInSeconds: 60, ...given }
      const id = given.id ?? `00000000-0000-4000-8000-${String(kept.length).padStart(12, '0')}`
      void methods.enqueue({ ...job, id })
      return find(id)!
    },
  }
  return store
}
