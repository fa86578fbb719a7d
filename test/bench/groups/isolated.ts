/** Isolated runs against the same runs that are not isolated: the start, and the way through the broker. */
import { LAUNCHER, tool } from '../commands.ts'
import type { Group, Way } from '../group.ts'
import { ownMs, wholeMs } from '../outcome.ts'

const ITEMS = 100_000

export const isolated: Group = {
  title: 'isolated runs',
  unit: 'ms',
  rounds: { short: 3, full: 9 },
  warmUp: true,
  ways: {
    start: start(),
    'start, isolated': start('--isolated'),
    pages: pages(),
    'pages, isolated': pages('--isolated'),
  },
  rows: [
    {
      name: 'warm task with one query, isolated',
      way: 'start, isolated',
      baseline: 'start',
      goal: { of: 'ratio', atMost: 2.5 },
    },
    {
      name: '100,000 items in pages of 100 at latency 0, isolated',
      way: 'pages, isolated',
      baseline: 'pages',
      // 0.7 of the throughput.
      goal: { of: 'ratio', atMost: 1.43 },
    },
  ],
}

// --- internal ---

function start(...flags: readonly string[]): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 0 })
    return wholeMs(tool(setup, 'node20', ['actions', ...flags], { file: LAUNCHER.clone }), 100)
  }
}

function pages(...flags: readonly string[]): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 0, total: ITEMS })
    return ownMs(tool(setup, 'node20', ['pages', ...flags], { file: LAUNCHER.clone }), ITEMS)
  }
}
