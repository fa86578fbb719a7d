/** The goals of a queue on PostgreSQL: runs a minute, how soon one begins, and what a long queue costs. Only in a full run. */
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { tool } from '../commands.ts'
import type { Group, Way } from '../group.ts'
import { wholeMs } from '../outcome.ts'
import { doneBy, withQueue } from '../workers.ts'

const RUNS = 80
const PLACES = 4
const FEW = 100
const MANY = 100_000
/** For the worker to have everything ready. */
const IDLE_MS = 3000

export const queueRate: Group = {
  title: `queue: ${RUNS} runs of a task with one query, four at a time`,
  unit: 'ms',
  rounds: { short: 0, full: 3 },
  warmUp: false,
  ways: {
    'node --import tsx tasks.ts': async (setup) => {
      await setup.servers.set({ latencyMs: 0 })
      const startedMs = performance.now()
      const place = async () => {
        for (let at = 0; at < RUNS / PLACES; at++) await wholeMs(tool(setup, 'tsx', ['actions']), 100)
      }
      await Promise.all(Array.from({ length: PLACES }, place))
      return performance.now() - startedMs
    },
    'one worker': async (setup) => {
      await setup.servers.set({ latencyMs: 0 })
      return withQueue(setup, 'PostgreSQL', async ({ fill, startWorker }) => {
        // It makes the tables.
        await (await startWorker()).stop()
        await fill('actions', RUNS)
        const worker = await startWorker(['--concurrency', String(PLACES)])
        const startedMs = performance.now()
        await doneBy([worker], RUNS)
        return performance.now() - startedMs
      })
    },
  },
  rows: [
    {
      name: `${RUNS} runs, four at a time, by one worker`,
      way: 'one worker',
      baseline: 'node --import tsx tasks.ts',
      goal: { of: 'ratio', atMost: 0.5 },
    },
  ],
}

export const queueAtOnce: Group = {
  title: 'queue: from a queued job to the end of its run, by an idle worker',
  unit: 'ms',
  rounds: { short: 0, full: 5 },
  warmUp: false,
  ways: {
    worker: async (setup) => {
      await setup.servers.set({ latencyMs: 0 })
      return withQueue(setup, 'PostgreSQL', async ({ fill, startWorker }) => {
        const worker = await startWorker()
        // The first one makes the queue of the task.
        await fill('actions', 1)
        await doneBy([worker], 1)
        await sleep(IDLE_MS)
        const startedMs = performance.now()
        await fill('actions', 1)
        await doneBy([worker], 2)
        return performance.now() - startedMs
      })
    },
  },
  // The contract's goal ends at the start of the run, which is before that.
  rows: [{ name: 'queued, run and done', way: 'worker', goal: { of: 'value', atMost: 300 } }],
}

export const queueLength: Group = {
  title: 'queue: 100,000 waiting jobs',
  unit: 'ms',
  rounds: { short: 0, full: 3 },
  warmUp: false,
  ways: {
    [`start and ${PLACES} runs, ${FEW}`]: runs(FEW),
    [`start and ${PLACES} runs, ${MANY}`]: runs(MANY),
    [`command, ${FEW}`]: command(FEW),
    [`command, ${MANY}`]: command(MANY),
  },
  rows: [`start and ${PLACES} runs`, 'command'].map((name) => ({
    name: `${name}, a queue of ${MANY} over one of ${FEW}`,
    way: `${name}, ${MANY}`,
    baseline: `${name}, ${FEW}`,
    goal: { of: 'ratio', atMost: 2 },
  })),
}

// --- internal ---

/** From the start of a worker until its first runs are done. */
function runs(waiting: number): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 0 })
    return withQueue(setup, 'PostgreSQL', async ({ fill, copy, startWorker }) => {
      // It makes the tables.
      await (await startWorker()).stop()
      await fill('actions', 1)
      await copy(waiting - 1)
      const startedMs = performance.now()
      await doneBy([await startWorker(['--concurrency', String(PLACES)])], PLACES)
      return performance.now() - startedMs
    })
  }
}

function command(waiting: number): Way {
  return (setup) =>
    withQueue(setup, 'PostgreSQL', async ({ fill, copy, startWorker, command }) => {
      await (await startWorker()).stop()
      await fill('actions', 1)
      await copy(waiting - 1)
      return command(['queue'])
    })
}
