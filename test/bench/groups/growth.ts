/** What more of it costs: several times as much may take as many times as long, and no more. Only in a full run. */
import { join } from 'node:path'
import { LAUNCHER, tool } from '../commands.ts'
import type { Group, RowPlan, Way } from '../group.ts'
import { expectCount, ownMs, wholeMs } from '../outcome.ts'
import { execute } from '../processes.ts'
import { writeManyTasks } from '../projects.ts'

export const growth: Group = {
  title: 'growth',
  unit: 'ms',
  rounds: { short: 0, full: 3 },
  warmUp: true,
  ways: {
    'list of 3 tasks': list(3),
    'list of 300 tasks': list(300),
    'list of 3,000 tasks': list(3000),
    '100 pages': pages(100),
    '1,000 pages': pages(1000),
    '2,000 entries in bulk': entries(2000),
    '20,000 entries in bulk': entries(20_000),
    '1 cold process': processes(1),
    '4 cold processes': processes(4),
    '16 cold processes': processes(16),
    '64 cold processes': processes(64),
  },
  rows: [
    linear('list of 300 tasks', 'list of 3 tasks', 100),
    linear('list of 3,000 tasks', 'list of 300 tasks', 10),
    linear('1,000 pages', '100 pages', 10),
    linear('20,000 entries in bulk', '2,000 entries in bulk', 10),
    linear('4 cold processes', '1 cold process', 4),
    linear('16 cold processes', '4 cold processes', 4),
    linear('64 cold processes', '16 cold processes', 4),
  ],
}

/** Written by a first run; what is timed is the second, which finds all of it done. Once, because it takes a minute. */
export const journals: Group = {
  title: 'second run over a journal',
  unit: 'ms',
  rounds: { short: 0, full: 1 },
  warmUp: false,
  ways: {
    'journal of 50,000 entries': secondRun(50_000),
    'journal of 500,000 entries': secondRun(500_000),
  },
  rows: [linear('journal of 500,000 entries', 'journal of 50,000 entries', 10)],
}

// --- internal ---

function linear(name: string, baseline: string, times: number): RowPlan {
  return { name, way: name, baseline, goal: { of: 'ratio', atMost: times } }
}

function list(count: number): Way {
  return async (setup) => {
    const cwd = setup.emptyFolder()
    writeManyTasks(cwd, setup.servers.url, count)
    const { wallMs, stdout } = await execute({ ...tool(setup, 'tsx', ['list']), cwd })
    expectCount([...stdout.matchAll(/\btask-\d+/g)].length, count, 'tasks')
    return wallMs
  }
}

function pages(count: number): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 0, total: count * 100 })
    return ownMs(tool(setup, 'tsx', ['pages']), count * 100)
  }
}

function entries(count: number): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 0 })
    const journal = join(setup.emptyFolder(), 'bulk.journal.ndjson')
    return ownMs(tool(setup, 'tsx', ['bulk', '--count', `${count}`, '--journal', journal]), count)
  }
}

function secondRun(count: number): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 0 })
    const journal = join(setup.emptyFolder(), 'bulk.journal.ndjson')
    const command = tool(setup, 'tsx', ['bulk', '--count', `${count}`, '--journal', journal])
    await ownMs(command, count)
    const ms = await ownMs(command, count)
    expectCount((await setup.servers.counts()).mutations, count, 'mutations')
    return ms
  }
}

/** Until the last of them has ended; they share one token. */
function processes(count: number): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 20 })
    const command = tool(setup, 'node20', ['actions'], { file: LAUNCHER.clone, cache: setup.emptyFolder() })
    const all = await Promise.all(Array.from({ length: count }, () => wholeMs(command, 100)))
    expectCount((await setup.servers.counts()).token, 1, 'token requests')
    return Math.max(...all)
  }
}
