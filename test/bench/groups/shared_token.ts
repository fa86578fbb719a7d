/** Twenty processes that start at once and find no token; the token requests are counted by the server. */
import { LAUNCHER, tool, way } from '../commands.ts'
import type { Group, Way } from '../group.ts'
import { wholeMs } from '../outcome.ts'
import type { Command } from '../processes.ts'
import type { Setup } from '../setup.ts'

const PROCESSES = 20

export const sharedToken: Group = {
  title: `token requests of ${PROCESSES} cold processes, at 20 ms`,
  unit: 'requests',
  rounds: { short: 1, full: 3 },
  warmUp: false,
  ways: {
    wfg: atOnce((setup) => tool(setup, 'node20', ['actions'], { file: LAUNCHER.clone, cache: setup.emptyFolder() })),
    'openid-client + graphql-request': atOnce((setup) =>
      way(setup, 'tsx', 'query_openid_client.ts', ['openid-client', 'graphql-request']),
    ),
  },
  rows: [
    { name: `token requests of ${PROCESSES} cold processes`, way: 'wfg', goal: { of: 'value', atMost: 1 } },
    { name: 'token requests of openid-client + graphql-request', way: 'openid-client + graphql-request' },
  ],
}

// --- internal ---

function atOnce(make: (setup: Setup) => Command): Way {
  return async (setup) => {
    const command = make(setup)
    await setup.servers.set({ latencyMs: 20 })
    await Promise.all(Array.from({ length: PROCESSES }, () => wholeMs(command, 100)))
    return (await setup.servers.counts()).token
  }
}
