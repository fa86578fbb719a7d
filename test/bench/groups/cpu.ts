/** Client CPU for a page of 100 items: what 1,100 pages use above 100 pages, each in a process of its own, at latency 0. */
import { type Start, tool, way } from '../commands.ts'
import type { Group, Way } from '../group.ts'
import { expectCount, usageOf } from '../outcome.ts'
import type { Command } from '../processes.ts'
import type { Setup } from '../setup.ts'

const PAGES = 1000
const BEFORE = 100

export const cpu: Group = {
  title: 'client CPU a page of 100 items',
  unit: 'µs',
  rounds: { short: 2, full: 5 },
  warmUp: false,
  ways: {
    wfg: aPage((setup) => tool(setup, 'tsx', ['pages'])),
    'graphql-request': today('tsx', 'pages_graphql_request.ts', ['graphql-request']),
    '@octokit/graphql': today('tsx', 'pages_octokit.ts', ['@octokit/graphql']),
    fetch: today('tsx', 'pages_fetch.ts'),
    'floor: node:http': today('node20', 'pages_node_http.mjs'),
  },
  rows: [
    {
      name: 'client CPU a page of 100 items',
      way: 'wfg',
      baseline: 'graphql-request',
      goal: { of: 'value', atMost: 500 },
    },
    ...['graphql-request', '@octokit/graphql', 'fetch', 'floor: node:http'].map((name) => ({
      name: `${name}, CPU`,
      way: name,
      baseline: 'graphql-request',
    })),
  ],
}

// --- internal ---

function today(start: Start, file: string, needs: readonly string[] = []): Way {
  return aPage((setup) => way(setup, start, file, needs))
}

function aPage(command: (setup: Setup) => Command): Way {
  return async (setup) => {
    const microseconds = async (pages: number) => {
      const items = pages * 100
      await setup.servers.set({ latencyMs: 0, total: items })
      const check = (stdout: string) => expectCount(JSON.parse(stdout).count, items, 'items')
      return (await usageOf(setup, command(setup), check)).cpuMicroseconds
    }
    const before = await microseconds(BEFORE)
    return ((await microseconds(BEFORE + PAGES)) - before) / PAGES
  }
}
