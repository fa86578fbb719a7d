import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliResult, REPOSITORY, runCli, temporaryFolder } from '../../_cli.ts'
import { NO_SIGNALS, needs, notRun, SENDS_SIGNALS } from '../../_not_run.ts'
import { here } from '../_here.ts'
import { running } from '../_running.ts'

const sandbox = suite('cli/sandbox')
const signalled = needs(SENDS_SIGNALS, NO_SIGNALS, sandbox)
const TASKS = join(REPOSITORY, 'tasks.ts')

/** As one writes it oneself: a token, then a query with it. */
async function viewerThrough(settings: Record<string, string>): Promise<unknown> {
  const token = await fetch(new URL('oauth/token', settings['WFG_ISSUER']), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: settings['WFG_CLIENT_ID']!,
      client_secret: settings['WFG_CLIENT_SECRET']!,
      audience: settings['WFG_AUDIENCE']!,
    }),
  })
  const { access_token } = (await token.json()) as { access_token: string }
  const answer = await fetch(settings['WFG_GRAPHQL_URL']!, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${access_token}` },
    body: JSON.stringify({ query: '{ viewer { userName } }' }),
  })
  return answer.json()
}

/** Starts it, and ends it by a signal when `action` is done with the settings that it prints. */
async function started(
  args: readonly string[],
  signal: NodeJS.Signals,
  action: (settings: Record<string, string>) => Promise<void>,
): Promise<CliResult> {
  const home = temporaryFolder()
  const command = running(TASKS, ['sandbox', ...args], { cwd: REPOSITORY, home })
  try {
    await command.shows(/^WFG_CLIENT_SECRET=.+\n/m)
    const lines = command.stdout.trimEnd().split('\n')
    await action(Object.fromEntries(lines.map((line) => /^(WFG_\w+)=(.+)$/.exec(line)!.slice(1))))
  } finally {
    command.signal(signal)
    await command.ended
    rmSync(home, { recursive: true })
  }
  return command.ended
}

signalled('run() prints its settings, answers, and ends on SIGINT with 130', async () => {
  const { status, stderr } = await started(['--requests', '3'], 'SIGINT', async (settings) =>
    assert.equal(await viewerThrough(settings), { data: { viewer: { userName: 'john_smith' } } }),
  )
  assert.is(status, 130)
  assert.match(stderr, /^The sandbox is running at http:\/\/127\.0\.0\.1:\d+, a stand-in to learn and test with\./)
  assert.match(stderr, INTERRUPTED)
})

sandbox('run() answers to the settings that it prints, and ends on SIGTERM with 143', async () => {
  const { status, stderr } = await started([], 'SIGTERM', async (env) => {
    const hello = await runCli(['hello'], { env })
    assert.equal([hello.status, hello.stdout, hello.stderr], [0, 'john_smith\n', ''])
  })
  if (!SENDS_SIGNALS) return notRun(NO_SIGNALS)
  assert.is(status, 143)
  assert.match(stderr, INTERRUPTED)
})

const INTERRUPTED = /Press Ctrl-C to stop it\.\n(Stopping\. .*\n)?Interrupted\.\n$/

sandbox('run() suggests another port if one is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  try {
    assert.equal(await here(REPOSITORY, ['sandbox', '--port', String(port)]), {
      status: 2,
      signal: null,
      stdout: '',
      stderr: `error: Cannot start the sandbox on port ${port}: the system says EADDRINUSE; choose another port, or leave --port out.\n`,
    })
  } finally {
    server.close()
  }
})

sandbox('run() reports wrong flags', async () => {
  for (const [args, message] of [
    [['--port', '99999'], 'Cannot start the sandbox: --port needs a whole number from 0 to 65535.'],
    [['--requests=-1'], 'Cannot start the sandbox: --requests needs a whole number from 0 to 10000000.'],
    [['8080'], 'Cannot run the command sandbox: it takes no arguments. Expected sandbox [--port N] [--requests N].'],
    [
      ['--prot', '1'],
      'Cannot run the command sandbox: unknown flag --prot; did you mean --port? Expected sandbox [--port N] [--requests N].',
    ],
  ] as const) {
    assert.equal(await here(REPOSITORY, ['sandbox', ...args]), {
      status: 2,
      signal: null,
      stdout: '',
      stderr: `error: ${message}\n`,
    })
  }
})

sandbox.run()
