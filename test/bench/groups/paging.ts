/** 10,000 items in pages of 100, each answer 20 ms late; the time is taken in the program, once the token is there. */
import { type Start, tool, way } from '../commands.ts'
import type { Group, Way } from '../group.ts'
import { ownMs } from '../outcome.ts'

const ITEMS = 10_000

export const paging: Group = {
  title: '10,000 items in pages of 100, at 20 ms',
  unit: 'ms',
  rounds: { short: 2, full: 7 },
  warmUp: false,
  ways: {
    wfg: async (setup) => {
      await setup.servers.set({ latencyMs: 20, total: ITEMS })
      return ownMs(tool(setup, 'tsx', ['pages']), ITEMS)
    },
    'graphql-request': pages('tsx', 'pages_graphql_request.ts', ['graphql-request']),
    '@octokit/graphql': pages('tsx', 'pages_octokit.ts', ['@octokit/graphql']),
    fetch: pages('tsx', 'pages_fetch.ts'),
    'Deno: fetch': pages('deno', 'pages_fetch.ts'),
    'floor: node:http': pages('node20', 'pages_node_http.mjs'),
  },
  rows: [
    {
      name: '10,000 items in pages of 100 at 20 ms',
      way: 'wfg',
      baseline: 'graphql-request',
      goal: { of: 'ratio', atMost: 0.28 },
    },
    ...['graphql-request', '@octokit/graphql', 'fetch', 'Deno: fetch', 'floor: node:http'].map((name) => ({
      name: `${name}, page after page`,
      way: name,
      baseline: 'graphql-request',
    })),
  ],
}

// --- internal ---

function pages(start: Start, file: string, needs: readonly string[] = []): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 20, total: ITEMS })
    return ownMs(way(setup, start, file, needs), ITEMS)
  }
}
