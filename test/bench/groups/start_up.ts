/** Whole processes with one query, at latency 0, against empty ones and against what people would write today. */
import { LAUNCHER, type Start, type ToolOptions, tool, way } from '../commands.ts'
import type { Group, Way } from '../group.ts'
import { expectCount, wholeMs } from '../outcome.ts'
import { execute } from '../processes.ts'

export const startUp: Group = {
  title: 'one query, whole process',
  unit: 'ms',
  rounds: { short: 5, full: 15 },
  warmUp: true,
  // A way stands beside the one that it is compared with: what slows one down for a moment then hits both.
  ways: {
    'launcher in the clone': warm('node20', { file: LAUNCHER.clone }),
    'launcher of the package': warm('node20', { file: LAUNCHER.dependent, project: 'dependent' }),
    'node --import tsx noop.ts': noop('tsx', 'noop.ts'),
    'node --import tsx tasks.ts': warm('tsx'),
    list: async (setup) => {
      const { wallMs, stdout } = await execute(tool(setup, 'tsx', ['list'], { project: 'many' }))
      expectCount([...stdout.matchAll(/\btask-\d+/g)].length, 300, 'tasks')
      return wallMs
    },
    'npx tsx noop.ts': noop('npx tsx', 'noop.ts'),
    'npx tsx tasks.ts': warm('npx tsx'),
    'npx tsx: openid-client + graphql-request': today('npx tsx', 'query_openid_client.ts', [
      'openid-client',
      'graphql-request',
    ]),
    'Node 24 launcher in the clone': warm('node24', { file: LAUNCHER.clone }),
    'Node 24 noop.mjs': noop('node24', 'noop.mjs'),
    'Node 24 launcher of the package': warm('node24', { file: LAUNCHER.dependent, project: 'dependent' }),
    'deno run noop.ts': noop('deno', 'noop.ts'),
    'deno run tasks.ts': warm('deno'),
    'launcher in the clone, no token yet': async (setup) => {
      await setup.servers.set({ latencyMs: 0 })
      const cache = setup.emptyFolder()
      return wholeMs(tool(setup, 'node20', ['actions'], { file: LAUNCHER.clone, cache }), 100)
    },
    'tsx: openid-client + graphql-request': today('tsx bin', 'query_openid_client.ts', [
      'openid-client',
      'graphql-request',
    ]),
    'tsx: @octokit/graphql': today('tsx bin', 'query_octokit.ts', ['@octokit/graphql']),
    'tsx: fetch': today('tsx bin', 'query_fetch.ts'),
    'zx: fetch': today('zx', 'query_zx.mjs'),
    'Deno: fetch': today('deno', 'query_fetch.ts'),
    'floor: node:http': today('node20', 'query_node_http.mjs'),
  },
  rows: [
    {
      name: 'warm task with one query, `node --import tsx tasks.ts`, Node 20',
      way: 'node --import tsx tasks.ts',
      baseline: 'node --import tsx noop.ts',
      goal: { of: 'ratio', atMost: 1.6 },
    },
    {
      name: 'the same by the launcher in the clone, Node 20',
      way: 'launcher in the clone',
      baseline: 'node --import tsx noop.ts',
      goal: { of: 'ratio', atMost: 1 },
    },
    {
      name: 'the same by the launcher of the package, Node 20',
      way: 'launcher of the package',
      baseline: 'node --import tsx noop.ts',
      goal: { of: 'ratio', atMost: 1 },
    },
    {
      name: 'the same by `npx tsx tasks.ts`',
      way: 'npx tsx tasks.ts',
      baseline: 'npx tsx noop.ts',
      goal: { of: 'ratio', atMost: 1.25 },
    },
    {
      name: 'the same by `npx tsx tasks.ts`, against what one would write today',
      way: 'npx tsx tasks.ts',
      baseline: 'npx tsx: openid-client + graphql-request',
      goal: { of: 'ratio', atMost: 0.7 },
    },
    {
      name: 'the same by the launcher in the clone, Node 24',
      way: 'Node 24 launcher in the clone',
      baseline: 'Node 24 noop.mjs',
      goal: { of: 'ratio', atMost: 4 },
    },
    {
      name: 'the same by the launcher of the package, Node 24',
      way: 'Node 24 launcher of the package',
      baseline: 'Node 24 noop.mjs',
      goal: { of: 'ratio', atMost: 4 },
    },
    {
      name: 'the same on Deno',
      way: 'deno run tasks.ts',
      baseline: 'deno run noop.ts',
      goal: { of: 'ratio', atMost: 4 },
    },
    {
      name: '`list` of 300 scripts, `node --import tsx`',
      way: 'list',
      baseline: 'node --import tsx noop.ts',
      goal: { of: 'ratio', atMost: 1.2 },
    },
    ...[
      'launcher in the clone, no token yet',
      'npx tsx: openid-client + graphql-request',
      'tsx: openid-client + graphql-request',
      'tsx: @octokit/graphql',
      'tsx: fetch',
      'zx: fetch',
      'Deno: fetch',
      'floor: node:http',
    ].map((name) => ({ name, way: name, baseline: 'floor: node:http' })),
  ],
}

// --- internal ---

function noop(start: Start, file: string): Way {
  return (setup) => wholeMs(tool(setup, start, [], { file }), 0)
}

/** The token is in the cache from the first round on. */
function warm(start: Start, options: ToolOptions = {}): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 0 })
    return wholeMs(tool(setup, start, ['actions'], options), 100)
  }
}

function today(start: Start, file: string, needs: readonly string[] = []): Way {
  return async (setup) => {
    await setup.servers.set({ latencyMs: 0 })
    return wholeMs(way(setup, start, file, needs), 100)
  }
}
