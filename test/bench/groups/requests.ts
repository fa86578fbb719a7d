/** How many HTTP requests and connections one query takes, counted by the servers. */
import { LAUNCHER, tool, way } from '../commands.ts'
import type { Group } from '../group.ts'
import { wholeMs } from '../outcome.ts'
import type { Command } from '../processes.ts'
import type { Counts } from '../servers.ts'
import type { Setup } from '../setup.ts'

export const requests: Group = {
  title: 'what one query sends',
  unit: 'requests',
  rounds: { short: 1, full: 3 },
  warmUp: false,
  ways: {
    warm: async (setup) => {
      const command = tool(setup, 'node20', ['actions'], { file: LAUNCHER.clone })
      await wholeMs(command, 100)
      return all(await countsOf(setup, command))
    },
    cold: async (setup) => all(await countsOf(setup, coldly(setup))),
    connections: async (setup) => (await countsOf(setup, coldly(setup))).connections,
    'openid-client + graphql-request': async (setup) => {
      const command = way(setup, 'tsx bin', 'query_openid_client.ts', ['openid-client', 'graphql-request'])
      return all(await countsOf(setup, command))
    },
  },
  rows: [
    { name: 'HTTP requests of a warm run', way: 'warm', goal: { of: 'value', atMost: 1 } },
    { name: 'HTTP requests of a cold run with a preset provider', way: 'cold', goal: { of: 'value', atMost: 2 } },
    { name: 'connections of a cold run to its one host', way: 'connections', goal: { of: 'value', atMost: 1 } },
    { name: 'HTTP requests of tsx: openid-client + graphql-request', way: 'openid-client + graphql-request' },
  ],
}

// --- internal ---

function coldly(setup: Setup): Command {
  return tool(setup, 'node20', ['actions'], { file: LAUNCHER.clone, cache: setup.emptyFolder() })
}

async function countsOf({ servers }: Setup, command: Command): Promise<Counts> {
  await servers.set({ latencyMs: 0 })
  await wholeMs(command, 100)
  return servers.counts()
}

function all({ token, discovery, graphql }: Counts): number {
  return token + discovery + graphql
}
