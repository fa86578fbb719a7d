/** 2,000 mutations, each answer 20 ms late; the time is taken in the program, once the token is there. */
import { join } from 'node:path'
import { tool, way } from '../commands.ts'
import type { Group } from '../group.ts'
import { expectCount, ownMs } from '../outcome.ts'

const ENTRIES = 2000
/** One after another takes 20 ms and more for each; so many tell what all would take. */
const SEQUENTIAL = 100

export const bulk: Group = {
  title: '2,000 mutations, at 20 ms',
  unit: 'ms',
  rounds: { short: 2, full: 5 },
  warmUp: false,
  ways: {
    wfg: async (setup) => {
      await setup.servers.set({ latencyMs: 20 })
      const journal = join(setup.emptyFolder(), 'bulk.journal.ndjson')
      const words = ['bulk', '--count', `${ENTRIES}`, '--journal', journal]
      const ms = await ownMs(tool(setup, 'tsx', words), ENTRIES)
      expectCount((await setup.servers.counts()).mutations, ENTRIES, 'mutations')
      return ms
    },
    'graphql-request': async (setup) => {
      await setup.servers.set({ latencyMs: 20 })
      const command = way(setup, 'tsx', 'bulk_graphql_request.ts', ['graphql-request'])
      const argv = [...command.argv, `${SEQUENTIAL}`]
      return ((await ownMs({ ...command, argv }, SEQUENTIAL)) * ENTRIES) / SEQUENTIAL
    },
  },
  rows: [
    {
      name: '2,000 mutations in bulk at 20 ms, with a journal',
      way: 'wfg',
      baseline: 'graphql-request',
      goal: { of: 'ratio', atMost: 0.02 },
    },
    {
      name: `graphql-request, one after another (${SEQUENTIAL} of them x ${ENTRIES / SEQUENTIAL})`,
      way: 'graphql-request',
    },
  ],
}
