/** What a person gets whose way leads through a proxy. */
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliResult, project } from '../_cli.ts'
import { notRun } from '../_not_run.ts'
import type { Answer } from '../_proxy.ts'
import { shownVariable } from '../_proxy.ts'
import { RUNTIME } from '../_runtime.ts'
import type { ScriptedReply } from '../_server.ts'
import { type Proxied, proxied } from '../transport/_child.ts'
import { hidesSecrets, settingsFor, TOKEN } from './_configured.ts'
import { compiledScript, type Trusting, trusting } from './_trusting.ts'

const proxies = suite('cli/proxies')
const SHOWN = shownVariable('HTTPS_PROXY')

const ENTRIES = `
  started: { script: './scripts/viewer.ts', access: 'read' },
  viewer: { script: './scripts/viewer.mjs', access: 'read' },
  start: { script: './scripts/start.mjs' },`
const VIEWER_SCRIPT = '{ run: async ({ wfg }) => (await wfg`query Viewer { viewer { userName } }`).viewer.userName }'
const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {${ENTRIES}
})
await main(import.meta, tasks)`,
  'scripts/viewer.ts': `import { defineScript } from '#wfg'\nexport default defineScript(${VIEWER_SCRIPT})`,
  'scripts/viewer.mjs': compiledScript(VIEWER_SCRIPT),
  'scripts/start.mjs': compiledScript('{ run: async ({ wfg }) => (await wfg`mutation Start { start }`).start }'),
}
const VIEWER = { body: { data: { viewer: { userName: 'john' } } } }
const PASSWORD = 'secret-of-the-proxy'

let trusted: Trusting
proxies.before(() => {
  trusted = trusting()
})
proxies.after(() => trusted.close())

const farFrom = (given: Proxied) => ({
  ...settingsFor(given.server),
  ...given.env,
  HTTPS_PROXY: `http://user:${PASSWORD}@${given.proxy.address}`,
  WFG_GRAPHQL_URL: 'https://wfg.test/wfgen/graphql',
  WFG_TOKEN_ENDPOINT: 'https://idp.test/oauth/token',
})

function hidesAll(result: CliResult): void {
  hidesSecrets(result)
  for (const secret of [PASSWORD, Buffer.from(`user:${PASSWORD}`).toString('base64')]) {
    assert.not.ok(`${result.stdout}${result.stderr}`.includes(secret))
  }
}

/** Runs a task whose servers are behind the proxy. */
async function behind(
  task: string,
  given: {
    answers?: readonly Answer[]
    replies?: readonly ScriptedReply[]
    env?: (given: Proxied) => Record<string, string>
  },
  check: (result: CliResult, given: Proxied) => void,
): Promise<void> {
  await proxied(given, async (behindProxy) => {
    const { dir, cleanup } = project(FILES)
    try {
      const env = { ...farFrom(behindProxy), ...given.env?.(behindProxy) }
      const result = await trusted.here(dir, [task], { entries: ENTRIES, env })
      hidesAll(result)
      check(result, behindProxy)
    } finally {
      cleanup()
    }
  })
}

proxies('a proxy that refuses the token request is named with its status and the next step, and asked once', () =>
  behind('viewer', { answers: [407] }, ({ status, stderr }, { proxy }) => {
    assert.is(status, 3)
    assert.is(
      stderr,
      'error: Cannot get an access token from "https://idp.test/oauth/token" for the client "client-of-the-test": ' +
        `no complete answer came: the proxy "${proxy.address}" (${SHOWN}) answered 407 instead of connecting to it (PROXY_AUTHENTICATION). ` +
        `Add the user name and password of the proxy to ${SHOWN}, as in http://user:password@host:port.\n`,
    )
    assert.is(proxy.requests.length, 1)
  }),
)

for (const [task, operation] of [
  ['viewer', 'query "Viewer"'],
  ['start', 'mutation "Start"'],
] as const) {
  proxies(
    `a proxy that refuses the way to WorkflowGen is named, and the ${operation} is known not to be executed`,
    () =>
      behind(task, { answers: ['connect', 403], replies: [TOKEN] }, ({ status, stderr }, { proxy }) => {
        assert.is(status, 4)
        assert.ok(
          stderr.endsWith(
            `error: Cannot execute the ${operation}: no answer from "https://wfg.test/wfgen/graphql": ` +
              `the proxy "${proxy.address}" (${SHOWN}) answered 403 instead of connecting to it (PROXY_REFUSED). ` +
              'Ask the administrator of the proxy to allow this host. If this host needs no proxy, add it to NO_PROXY.\n',
          ),
          stderr,
        )
        assert.is(proxy.requests.length, 2)
      }),
  )
}

proxies('a mutation is sent again when the proxy could not connect, and executed once', () =>
  behind(
    'start',
    { answers: ['connect', 502, 'close', 'connect'], replies: [TOKEN, { body: { data: { start: 7 } } }] },
    ({ status, stdout }, { proxy, server }) => {
      assert.equal([status, stdout], [0, '7\n'])
      assert.equal([proxy.requests.length, server.requests.length], [4, 2])
    },
  ),
)

proxies('the outcome of a mutation is unknown when the tunnel ends after it was sent', () =>
  behind('start', { replies: [TOKEN, { fault: 'reset-after-request' }] }, ({ status, stderr }, { server }) => {
    assert.is(status, 4)
    assert.match(stderr, /^error: The outcome of the mutation "Start" is unknown: /m)
    assert.is(server.requests.length, 2)
  }),
)

proxies('a proxy that does not answer ends with the time of the call, and is named', () =>
  behind(
    'start',
    { answers: ['connect', 'hang'], replies: [TOKEN], env: () => ({ WFG_TIMEOUT_MS: '700' }) },
    ({ status, stderr }, { proxy }) => {
      assert.is(status, 4)
      assert.ok(
        stderr.includes(
          `error: Cannot execute the mutation "Start": no answer from "https://wfg.test/wfgen/graphql" within 700 ms: ` +
            `the proxy "${proxy.address}" (${SHOWN}) did not connect to it: the call was ended. Check ${SHOWN}, `,
        ),
        stderr,
      )
    },
  ),
)

proxies('a proxy that does not answer the token request ends with the time of the call as well', () =>
  behind('viewer', { answers: ['hang'], env: () => ({ WFG_TIMEOUT_MS: '700' }) }, ({ status, stdout, stderr }) => {
    assert.equal([status, stdout], [3, ''])
    assert.match(stderr, /^error: Cannot get an access token .*700 ms.*(the proxy|HTTPS_PROXY)/i)
  }),
)

proxies('a proxy variable that is no URL is named, without its value, and nothing is sent', () =>
  behind(
    'viewer',
    { env: ({ proxy }) => ({ HTTPS_PROXY: `socks5://user:${PASSWORD}@${proxy.address}` }) },
    ({ status, stdout, stderr }, { proxy }) => {
      assert.equal([status, stdout], [2, ''], stderr)
      assert.match(
        stderr,
        /^error: Cannot reach "https:\/\/idp\.test" through a proxy: HTTPS_PROXY is not the URL of an http or https proxy; /i,
      )
      assert.not.match(stderr, proxy.address)
      assert.is(proxy.requests.length, 0)
    },
  ),
)

proxies('NO_PROXY keeps one server from going through the proxy, and the other goes', () =>
  behind(
    'viewer',
    {
      replies: [TOKEN, VIEWER],
      env: ({ server }) => ({ NO_PROXY: 'wfg.test', WFG_GRAPHQL_URL: `${server.url}/wfgen/graphql` }),
    },
    ({ status, stdout }, { proxy }) => {
      assert.equal([status, stdout], [0, 'john\n'])
      assert.equal(
        proxy.requests.map(({ target }) => target),
        ['idp.test:443'],
      )
    },
  ),
)

/** Without a proxy none of them is loaded, as cli/warm_run has it. */
const ONLY_BY_PROXY = ['runtime/transport/proxy.ts', 'runtime/transport/tunnel.ts', 'https-proxy-agent/dist/index.js']

proxies('the token and the query have a tunnel each, a warm run has one, and loads what a tunnel needs', async () => {
  await proxied({ replies: [TOKEN, VIEWER, VIEWER] }, async (given) => {
    const { proxy, server } = given
    const { dir, run, cleanup } = project(FILES)
    try {
      const kept = { WFG_TOKEN_CACHE: 'disk', WFG_CACHE_DIR: join(dir, 'cache') }
      const far = { ...farFrom(given), ...kept }
      const cold = await run(['started'], { env: far })
      assert.equal([cold.status, cold.stdout, cold.stderr], [0, 'john\n', ''])
      assert.equal(
        proxy.requests.map(({ target }) => target),
        ['idp.test:443', 'wfg.test:443'],
      )
      for (const { headers } of proxy.requests) assert.ok(headers['proxy-authorization'])
      for (const { headers } of server.requests) assert.not.ok(headers['proxy-authorization'])
      // The prepared runtime has these in one file.
      const telling = { NODE_DEBUG: 'esm', NODE_DISABLE_COMPILE_CACHE: '1' }
      const warm = await run(['started'], { env: { ...far, ...telling } })
      hidesAll(warm)
      assert.is(warm.stdout, 'john\n')
      assert.equal(
        proxy.requests.slice(2).map(({ target }) => target),
        ['wfg.test:443'],
      )
      if (RUNTIME !== 'node') return notRun('what a process loads is told by Node alone')
      for (const name of ONLY_BY_PROXY) assert.match(warm.stderr, name)
    } finally {
      cleanup()
    }
  })
})

proxies.run()
