/** What a queue costs: runs of a task with one query by workers, and a worker that has nothing to do. Only in a full run. */
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { LAUNCHER, tool } from '../commands.ts'
import type { Group, Way } from '../group.ts'
import { type Usage, usageOf, wholeMs } from '../outcome.ts'
import { type Database, doneBy, type Worker, withQueue } from '../workers.ts'

const RUNS = 40
/** Long enough for the regular work of an idle worker to show. */
const IDLE_MS = 30_000

export const queue: Group = {
  title: `${RUNS} queued runs of a task with one query`,
  unit: 'ms',
  rounds: { short: 0, full: 3 },
  warmUp: false,
  ways: {
    'by hand, one after another': async (setup) => {
      await setup.servers.set({ latencyMs: 0 })
      let sum = 0
      for (let at = 0; at < RUNS; at++)
        sum += await wholeMs(tool(setup, 'node20', ['actions'], { file: LAUNCHER.clone }), 100)
      return sum
    },
    'embedded, one worker': runs('embedded', 1),
    'PostgreSQL, one worker': runs('PostgreSQL', 1),
    'PostgreSQL, four workers': runs('PostgreSQL', 4),
  },
  rows: [
    'embedded, one worker',
    'PostgreSQL, one worker',
    'PostgreSQL, four workers',
    'by hand, one after another',
  ].map((name) => ({ name: `${RUNS} runs, ${name}`, way: name, baseline: 'by hand, one after another' })),
}

export const idleCpu: Group = {
  title: 'CPU of an idle worker, a minute',
  unit: 'ms',
  rounds: { short: 0, full: 1 },
  warmUp: false,
  ways: { embedded: idle('embedded', cpuMsAMinute), PostgreSQL: idle('PostgreSQL', cpuMsAMinute) },
  rows: [
    { name: 'embedded, CPU a minute', way: 'embedded' },
    { name: 'PostgreSQL, CPU a minute', way: 'PostgreSQL' },
  ],
}

export const idleMemory: Group = {
  title: 'peak memory of an idle worker',
  unit: 'MiB',
  rounds: { short: 0, full: 1 },
  warmUp: false,
  ways: {
    embedded: idle('embedded', peakMiB),
    PostgreSQL: idle('PostgreSQL', peakMiB),
    list: async (setup) => {
      const { peakKiB } = await usageOf(setup, tool(setup, 'node20', ['list'], { file: LAUNCHER.clone }), () => {})
      return peakKiB / 1024
    },
  },
  rows: [
    { name: 'embedded, peak memory', way: 'embedded', baseline: 'list' },
    { name: 'PostgreSQL, peak memory', way: 'PostgreSQL', baseline: 'list' },
  ],
}

// --- internal ---

/** From when all workers are there until the last run is done. */
function runs(database: Database, workers: number): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 0 })
    return withQueue(setup, database, async ({ fill, startWorker }) => {
      const all = await Promise.all(Array.from({ length: workers }, startWorker))
      const startedMs = performance.now()
      await fill('actions', RUNS)
      await doneBy(all, RUNS)
      return performance.now() - startedMs
    })
  }
}

function idle(database: Database, figure: (usage: IdleUsage) => number): Way {
  return (setup) =>
    withQueue(setup, database, async ({ startWorker }) => {
      const short = await stopped(await startWorker(), 5000)
      const long = await stopped(await startWorker(), 5000 + IDLE_MS)
      return figure({ short, long })
    })
}

interface IdleUsage {
  readonly short: Usage
  /** Of one that ran for half a minute more. */
  readonly long: Usage
}

async function stopped(worker: Worker, afterMs: number): Promise<Usage> {
  await sleep(afterMs)
  return worker.stop()
}

function cpuMsAMinute({ short, long }: IdleUsage): number {
  return ((long.cpuMicroseconds - short.cpuMicroseconds) / 1000) * (60_000 / IDLE_MS)
}

function peakMiB({ long }: IdleUsage): number {
  return long.peakKiB / 1024
}
