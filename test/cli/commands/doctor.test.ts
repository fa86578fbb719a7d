/** The command as a whole; its steps are tested beside them, in `doctor/`. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project, REPOSITORY, runCli } from '../../_cli.ts'
import { fakeOutput } from '../../_host.ts'
import { type Reply, withServer } from '../../_server.ts'
import { hidesSecrets, settingsFor, TOKEN } from '../_configured.ts'
import { examine, steps } from '../_doctor.ts'
import { here } from '../_here.ts'

const doctor = suite('cli/doctor')

const NAMES = ['settings', 'network', 'TLS', 'discovery', 'clock', 'token', 'claims', 'GraphQL', 'user']
const PAGE: Reply = { status: 404, body: 'nothing here' }
const GREETING: Reply = { body: { data: { __typename: 'Query' } } }
const VIEWER: Reply = { body: { data: { viewer: { userName: 'ada' } } } }
const WRONG_SECRET: Reply = { status: 401, body: { error: 'access_denied', error_description: 'Unauthorized' } }
const TASKS = `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {})
await main(import.meta, tasks)`

doctor('run() finds nothing wrong with the sandbox, one line a step', async () => {
  const { status, stdout, stderr } = await runCli(['doctor', '--profile', 'sandbox'])
  assert.equal([status, stderr], [0, ''])
  const lines = stdout.split('\n')
  assert.equal(
    lines.slice(0, NAMES.length).map((line) => line.replace(/^(\S) (\S+) .*/, '$1 $2')),
    NAMES.map((name) => `${['TLS', 'discovery'].includes(name) ? '-' : '✓'} ${name}`),
  )
  assert.match(lines[8]!, /^✓ user {7}the script acts as "john_smith"$/)
  assert.equal(lines.slice(9), ['', 'Everything works.', ''])
})

doctor('run() says what to collect, and where, before any setting exists', async () => {
  const { dir, cleanup } = project({ 'tasks.ts': TASKS })
  try {
    const { status, stdout, stderr } = await here(dir, ['doctor'])
    assert.equal([status, stderr], [2, ''])
    const text = stdout.replace(/\s+/g, ' ')
    for (const expected of [
      /^✗ settings nothing is configured/,
      /1\. At the identity provider, register .* Auth0: .* Microsoft Entra ID: .* AD FS 2016 or newer: .* Okta: /,
      /2\. There too, authorise .* \(Identifier <API identifier>\)/,
      /3\. In WorkflowGen, .*"Non-interactive Client", Impersonate username .* Client ID .* Active checked/,
      /The command `init`/,
      /--profile sandbox/,
    ]) {
      assert.match(text, expected)
    }
    assert.not.match(text, /network/)
  } finally {
    cleanup()
  }
})

doctor('run() stops at the first step that fails, says what to do, and ends with its exit code', () =>
  withServer([PAGE, WRONG_SECRET], async (server) => {
    const { run, cleanup } = project({ 'tasks.ts': TASKS })
    try {
      const { status, stdout, stderr } = await run(['doctor', '--verbose'], {
        env: { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk' },
      })
      assert.equal([status, stderr], [3, ''])
      hidesSecrets({ stdout, stderr })
      assert.match(
        stdout,
        /\n✗ token {6}Cannot get an access token from "[^"]+" for the client "client-of-the-test": the server answered 401 access_denied \(Unauthorized\)\.\n\nWhat to do\n {2}The client ID or the client secret is wrong\. In the Auth0 dashboard, copy\n/,
      )
      assert.not.match(stdout, /claims|GraphQL /)
    } finally {
      cleanup()
    }
  }),
)

doctor('run() shows neither secret nor token, with --verbose and with --json', async () => {
  for (const args of [[], ['--verbose'], ['--json'], ['--json', '--verbose']]) {
    await withServer([PAGE, TOKEN, GREETING, VIEWER], async (server) => {
      const { dir, cleanup } = project({ 'tasks.ts': TASKS })
      try {
        const result = await here(dir, ['doctor', ...args], { env: settingsFor(server) })
        assert.is(result.status, 0, result.stdout + result.stderr)
        hidesSecrets(result)
      } finally {
        cleanup()
      }
    })
  }
})

doctor('run() gives the steps as JSON, with null where there is nothing to do', () =>
  withServer([PAGE, TOKEN, GREETING, VIEWER], async (server) => {
    const { steps: found, ok, profile, exitCode } = await steps(settingsFor(server))
    assert.equal([ok, profile, exitCode], [true, 'default', 0])
    assert.equal(
      found.map(({ name }) => name),
      NAMES,
    )
    for (const step of found) assert.equal(Object.keys(step), ['name', 'status', 'detail', 'remedy'])
    assert.is(found[0]!.remedy, null)
  }),
)

doctor('run() goes on after a warning, and says at the end what it is about', () =>
  withServer([PAGE, TOKEN, GREETING, VIEWER], async (server) => {
    const { out, exitCode } = await examine(settingsFor(server))
    assert.is(exitCode, 0)
    assert.match(out, /\n! claims {5}the token is opaque \(not a JWT\), so its claims cannot be checked\n✓ GraphQL/)
    assert.match(out, /\n\nAbout "claims"\n {2}WorkflowGen expects a JWT\. /)
  }),
)

doctor('run() uses other marks where a Windows console may lack them, and colours on a terminal only', async () => {
  const env = { WFG_GRAPHQL_URL: 'https://w.example/graphql' }
  for (const [platform, more, flags, mark] of [
    ['win32', {}, {}, '\u001b[31m×\u001b[39m'],
    ['win32', { WT_SESSION: '1' }, {}, '\u001b[31m✗\u001b[39m'],
    ['linux', {}, {}, '\u001b[31m✗\u001b[39m'],
    ['linux', { NO_COLOR: '1' }, {}, '✗'],
    ['linux', {}, { noColor: true }, '✗'],
  ] as const) {
    const { output, text } = fakeOutput({ isTTY: true, columns: 60 })
    await examine({ ...env, ...more }, { flags, host: { platform, stdout: output } })
    assert.ok(text().startsWith(`${mark} settings`), text())
    const widths = text()
      .split('\n')
      .map((line) => line.length)
    assert.ok(Math.max(...widths) <= 60 + mark.length, text())
  }
})

doctor('run() refuses what it does not know', async () => {
  for (const [args, message] of [
    [['now'], 'Cannot run the command doctor: it takes no arguments. Expected doctor [--json] [--profile P].'],
    [
      ['--jsn'],
      'Cannot run the command doctor: unknown flag --jsn; did you mean --json? Expected doctor [--json] [--profile P].',
    ],
  ] as const) {
    const { status, stdout, stderr } = await here(REPOSITORY, ['doctor', ...args])
    assert.equal([status, stdout, stderr], [2, '', `error: ${message}\n`])
  }
})

doctor.run()
