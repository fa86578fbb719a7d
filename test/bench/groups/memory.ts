/** Peak memory: what 100,000 rows need above 1,000 rows, each in a process of its own, at latency 0, into a pipe. */
import { tool, way } from '../commands.ts'
import type { Group, Way } from '../group.ts'
import { countLines, expectCount, usageOf } from '../outcome.ts'
import type { Command } from '../processes.ts'
import type { Setup } from '../setup.ts'

export const memory: Group = {
  title: 'peak memory, 100,000 rows over 1,000 rows',
  unit: 'MiB',
  rounds: { short: 2, full: 5 },
  warmUp: false,
  ways: {
    wfg: growth((setup) => tool(setup, 'tsx', ['rows', '--format', 'ndjson'])),
    'wfg without id': growth((setup) => tool(setup, 'tsx', ['rows', '--no-id', '--format', 'ndjson'])),
    'graphql-request': growth((setup) => way(setup, 'tsx', 'rows_graphql_request.ts', ['graphql-request'])),
  },
  rows: [
    {
      name: 'peak memory, 100,000 rows streamed, over 1,000 rows',
      way: 'wfg',
      baseline: 'graphql-request',
      goal: { of: 'value', atMost: 20 },
    },
    {
      name: 'the same where the query does not ask for `id`',
      way: 'wfg without id',
      baseline: 'graphql-request',
    },
    { name: 'graphql-request, collected and printed', way: 'graphql-request' },
  ],
}

// --- internal ---

function growth(command: (setup: Setup) => Command): Way {
  return async (setup) => {
    const peakMiB = async (rows: number) => {
      await setup.servers.set({ latencyMs: 0, total: rows })
      const check = (stdout: string) => expectCount(countLines(stdout), rows, 'rows')
      return (await usageOf(setup, command(setup), check)).peakKiB / 1024
    }
    const few = await peakMiB(1000)
    return (await peakMiB(100_000)) - few
  }
}
