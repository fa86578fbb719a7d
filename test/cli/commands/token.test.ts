import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { hides } from '../../_assert.ts'
import { type CliResult, type Project, project } from '../../_cli.ts'
import { notRun } from '../../_not_run.ts'
import { type Reply, type ScriptedReply, type ScriptedServer, withServer } from '../../_server.ts'
import { hidesSecrets, settingsFor, TOKEN, TOKEN_TEXT } from '../_configured.ts'
import { here } from '../_here.ts'

const token = suite('cli/token')

const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {})
await main(import.meta, tasks)`,
}
const WINDOWS = process.platform === 'win32'

interface Given {
  readonly cache: string
  readonly server: ScriptedServer
  /** In this process. */
  run(args: readonly string[], env?: Record<string, string>): Promise<CliResult>
  /** As a process of its own. */
  start(args: readonly string[]): Promise<CliResult>
}

/** Runs `action` with settings that keep the token in a folder of their own. */
function withToken(replies: readonly ScriptedReply[], action: (given: Given) => Promise<void>): Promise<void> {
  return withServer(replies, async (server) => {
    const { dir, run, cleanup } = project(FILES)
    const cache = join(dir, 'cache of tokens')
    const env = { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk', WFG_CACHE_DIR: cache }
    try {
      await action({
        ...{ cache, server },
        run: (args, more) => here(dir, ['token', ...args], { env: { ...env, ...more } }),
        start: (args) => run(['token', ...args], { env }),
      })
    } finally {
      cleanup()
    }
  })
}

const QUOTA: Reply = {
  ...TOKEN,
  headers: { 'x-ratelimit-remaining': '299', 'auth0-client-quota-limit': 'b=per_hour;q=10;r=7;t=3540', 'x-other': 'x' },
}

token('run() shows that there is no token, and requests none', () =>
  withToken([], async ({ cache, run }) => {
    const { status, stdout, stderr } = await run([])
    assert.equal([status, stderr], [0, ''])
    assert.match(
      stdout,
      /^Access token of the profile "default"\n {2}state +no token is kept; the next script requests one\n/,
    )
    assert.match(stdout, /\n {2}this month +0 tokens requested by this user on this computer\n/)
    assert.not(existsSync(cache))
  }),
)

token('run() shows and removes nothing if the cache folder is not a folder', () =>
  withToken([], async ({ cache, run }) => {
    writeFileSync(cache, 'a file')
    const shown = await run([])
    assert.equal([shown.status, shown.stderr], [0, ''])
    assert.match(shown.stdout, /\n {2}state +no token is kept; /)
    const cleared = await run(['clear'])
    assert.equal([cleared.status, cleared.stderr], [0, ''])
    assert.match(cleared.stdout, /^Nothing to remove: no access token of the profile "default" is kept\.$/m)
  }),
)

token('run() shows the state, the count and the limits of a stored token, but not the token', () =>
  withToken([QUOTA], async ({ cache, server, run }) => {
    assert.is((await run(['reveal'])).status, 0)
    const shown = await run([])
    hidesSecrets(shown)
    assert.equal([shown.status, shown.stderr], [0, ''])
    const name = readdirSync(cache).find((each) => each.endsWith('.json'))!
    const rows: readonly RegExp[] = [
      /^ {2}state +valid for 59 min \d+ s of 1 h$/m,
      /^ {2}requested +20\d\d-\d\d-\d\dT[\d:.]+Z, \d+ s ago$/m,
      /^ {2}provider +auth0$/m,
      /^ {2}client ID +client-of-the-test$/m,
      /^ {2}audience +https:\/\/workflow\.example\.com\/wfgen\/graphql$/m,
      /^ {2}this month +1 token requested by this user on this computer$/m,
      /^ {2}x-ratelimit-remaining +299$/m,
      /^ {2}auth0-client-quota-limit +b=per_hour;q=10;r=7;t=3540$/m,
    ]
    for (const row of rows) assert.match(shown.stdout, row)
    assert.ok(shown.stdout.includes(`${server.url}/oauth/token\n`))
    assert.ok(shown.stdout.includes(`${join(cache, name)}${WINDOWS ? '' : ' (file 0600, folder 0700)'}\n`))
    assert.not.match(shown.stdout, 'x-other')
  }),
)

token('run() prints an object with every member with --json', () =>
  withToken([QUOTA], async ({ cache, server, run }) => {
    const always = {
      profile: 'default',
      provider: 'auth0',
      tokenEndpoint: `${server.url}/oauth/token`,
      clientId: 'client-of-the-test',
      audience: 'https://workflow.example.com/wfgen/graphql',
      cache: 'disk',
    }
    const none = JSON.parse((await run(['--json'])).stdout)
    const { file } = none
    assert.equal(none, {
      ...always,
      state: 'none',
      requestedAt: null,
      ageSeconds: null,
      remainingSeconds: null,
      lifetimeSeconds: null,
      requestedThisMonth: 0,
      quota: null,
      file,
      fileMode: null,
      folderMode: null,
    })
    await run(['reveal'])
    const { requestedAt, ageSeconds, remainingSeconds, ...kept } = JSON.parse((await run(['--format', 'json'])).stdout)
    assert.equal(kept, {
      ...always,
      state: 'valid',
      lifetimeSeconds: 3600,
      requestedThisMonth: 1,
      quota: { 'x-ratelimit-remaining': '299', 'auth0-client-quota-limit': 'b=per_hour;q=10;r=7;t=3540' },
      file: join(cache, readdirSync(cache).find((name) => name.endsWith('.json'))!),
      fileMode: WINDOWS ? null : '0600',
      folderMode: WINDOWS ? null : '0700',
    })
    assert.is(kept.file, file)
    assert.ok(Date.parse(requestedAt) <= Date.now() && Date.parse(requestedAt) > Date.now() - 60_000)
    assert.ok(ageSeconds < 60 && remainingSeconds > 3500 && remainingSeconds <= 3600)
  }),
)

token('run() shows an expired token, and one whose file is not used', () =>
  withToken([{ body: { access_token: TOKEN_TEXT, token_type: 'Bearer', expires_in: 1 } }], async ({ cache, run }) => {
    await run(['reveal'])
    const path = join(cache, readdirSync(cache).find((name) => name.endsWith('.json'))!)
    const kept = {
      version: 1,
      value: TOKEN_TEXT,
      requestedAtMs: Date.now() - 2 * 86_400_000 - 30_000,
      lifetimeSeconds: 86_400,
      provider: 'auth0',
      quota: {},
    }
    writeFileSync(path, JSON.stringify(kept))
    const ended = await run([])
    hidesSecrets(ended)
    assert.match(ended.stdout, /^ {2}state +expired 1 d ago; the next script requests another$/m)
    assert.is(JSON.parse((await run(['--json'])).stdout).state, 'ended')
    if (WINDOWS) return notRun('whether others may read a file is a question of Unix')
    chmodSync(path, 0o644)
    const open = await run(['--verbose'])
    assert.match(
      open.stdout,
      /^ {2}state +the file cannot be used \(--verbose says why\); the next script requests a token$/m,
    )
    assert.match(open.stdout, /\(file 0644, folder 0700\)\n/)
    assert.match(open.stderr, /is not used: other users have access to it\n/)
  }),
)

token('run() of reveal prints the token, and warns what it allows and until when', () =>
  withToken([TOKEN], async ({ run, start }) => {
    for (const reveal of [start, run]) {
      const { status, stdout, stderr } = await reveal(['reveal'])
      assert.equal([status, stdout], [0, `${TOKEN_TEXT}\n`])
      assert.match(
        stderr,
        /^This is a secret: anyone who has it can act in WorkflowGen as the user of the client "client-of-the-test", with all the rights of that user, until 20\d\d-\d\d-\d\d \d\d:\d\d UTC\.\n$/,
      )
      hides(stderr, TOKEN_TEXT)
    }
  }),
)

token("run() of reveal masks it first in GitHub's log", () =>
  withToken([TOKEN], async ({ run }) => {
    const { stdout, stderr } = await run(['reveal'], { GITHUB_ACTIONS: 'true' })
    assert.is(stdout, `${TOKEN_TEXT}\n`)
    assert.ok(stderr.startsWith(`::add-mask::${TOKEN_TEXT}\n`))
  }),
)

token('run() of reveal exits with 3 if there is no token', () =>
  withToken([{ status: 401, body: { error: 'invalid_client' } }], async ({ run }) => {
    const result = await run(['reveal'])
    hidesSecrets(result)
    assert.equal([result.status, result.stdout], [3, ''])
    assert.match(result.stderr, /^error: Cannot get an access token from .*invalid_client/)
  }),
)

token('run() of clear removes the token of the profile, says so, and keeps the count', () =>
  withToken([TOKEN, TOKEN], async ({ cache, run }) => {
    const files = () => readdirSync(cache).filter((name) => name.endsWith('.json'))
    const other = { WFG_CLIENT_ID: 'another-client' }
    await run(['reveal'])
    const [file] = files()
    await run(['reveal'], other)
    const cleared = await run(['clear'])
    assert.equal([cleared.status, cleared.stderr], [0, ''])
    assert.is(
      cleared.stdout,
      `Removed the access token of the profile "default": ${quotedPath(join(cache, file!))}. ` +
        'This does not revoke the token: whoever has a copy can use it until it expires.\n',
    )
    assert.is(files().length, 1)
    assert.not(files().includes(file!))
    const again = await run(['clear'])
    assert.equal(
      [again.status, again.stdout],
      [0, 'Nothing to remove: no access token of the profile "default" is kept.\n'],
    )
    assert.is(JSON.parse((await run(['--json'])).stdout).requestedThisMonth, 1)
    assert.is(JSON.parse((await run(['--json'], other)).stdout).state, 'valid')
  }),
)

token('run() of clear --all removes every token, leftovers too, and nothing else, whatever the settings are', () =>
  withToken([TOKEN, TOKEN], async ({ cache, run }) => {
    await run(['reveal'])
    await run(['reveal'], { WFG_CLIENT_ID: 'another-client' })
    const [name] = readdirSync(cache).filter((each) => each.endsWith('.json'))
    writeFileSync(join(cache, `${name}.0123456789abcdef.tmp`), TOKEN_TEXT)
    writeFileSync(join(cache, 'mine.json'), '{}')
    const { status, stdout, stderr } = await run(['clear', '--all'], { WFG_AUDIENCE: '', WFG_GRAPHQL_URL: 'nonsense' })
    assert.equal([status, stderr], [0, ''])
    assert.ok(stdout.startsWith(`Removed 3 access tokens from ${quotedPath(cache)}. `), stdout)
    const left = readdirSync(cache)
    assert.equal(
      left.filter((each) => !each.endsWith('.log')),
      ['mine.json'],
    )
    assert.is(left.length, 3)
    const again = await run(['clear', '--all'])
    assert.is(again.stdout, `Nothing to remove: no access token is kept in ${quotedPath(cache)}.\n`)
  }),
)

token('run() of clear reports what cannot be removed', () =>
  withToken([], async ({ cache, run }) => {
    const { file } = JSON.parse((await run(['--json'])).stdout)
    mkdirSync(file, { recursive: true })
    for (const args of [['clear'], ['clear', '--all']]) {
      const { status, stdout, stderr } = await run(args)
      assert.equal([status, stdout], [1, ''])
      assert.ok(stderr.startsWith(`error: Cannot remove the access token in ${quotedPath(file)}: the system says `))
    }
    writeFileSync(join(cache, 'no-folder'), '')
    const { status, stderr } = await run(['clear', '--all'], { WFG_CACHE_DIR: join(cache, 'no-folder') })
    assert.is(status, 1)
    assert.match(stderr, /^error: Cannot look for access tokens in .*: the system says ENOTDIR; /)
  }),
)

for (const mode of ['memory', 'off']) {
  token(`run() says that nothing is stored with WFG_TOKEN_CACHE=${mode}`, () =>
    withToken([], async ({ run }) => {
      const env = { WFG_TOKEN_CACHE: mode }
      assert.match((await run([], env)).stdout, new RegExp(`^ {2}kept in +no file: WFG_TOKEN_CACHE is ${mode}`, 'm'))
      const { status, stdout } = await run(['clear'], env)
      assert.equal(
        [status, stdout],
        [0, 'Nothing to remove: tokens of the profile "default" are not kept on the disk.\n'],
      )
    }),
  )
}

const SANDBOX = 'Tokens of the embedded sandbox are not stored: each process has its own.\n'

token("run() says that the sandbox's tokens are not stored, and does not start it", () =>
  withToken([], async ({ run }) => {
    for (const args of [[], ['clear']]) {
      assert.equal(await run([...args, '--profile', 'sandbox']), {
        status: 0,
        signal: null,
        stdout: SANDBOX,
        stderr: '',
      })
    }
    const state = JSON.parse((await run(['--json', '--profile', 'sandbox'])).stdout)
    const members = Object.keys(JSON.parse((await run(['--json'])).stdout))
    assert.equal(Object.keys(state), members)
    assert.equal([state.profile, state.state, state.cache], ['sandbox', 'none', 'off'])
    const { status, stdout, stderr } = await run(['reveal', '--profile', 'sandbox'])
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, /^error: Cannot reveal an access token of the embedded sandbox: .* with the command sandbox, /)
  }),
)

async function unconfigured(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  const empty: Project = project(FILES)
  try {
    return await here(empty.dir, ['token', ...args], { env })
  } finally {
    empty.cleanup()
  }
}

token('run() says what to do if nothing is configured', async () => {
  for (const [args, verb] of [
    [[], 'show'],
    [['clear'], 'remove'],
    [['reveal'], 'reveal'],
  ] as const) {
    const { status, stdout, stderr } = await unconfigured(args)
    assert.equal([status, stdout], [2, ''])
    assert.is(
      stderr,
      `error: Cannot ${verb} the access token: nothing is configured, so scripts use the embedded sandbox, ` +
        'whose tokens are not stored. To use your server, copy .env.example to .env and fill in its settings.\n',
    )
  }
  const inCi = await unconfigured([], { CI: 'true' })
  assert.is(inCi.status, 2)
  assert.match(inCi.stderr, /^error: Cannot use the settings of the profile "default":\n {2}WFG_GRAPHQL_URL is not set/)
})

token('run() refuses unknown arguments', () =>
  withToken([], async ({ run }) => {
    const expected = 'expected token [clear [--all] | reveal] [--json].\n'
    for (const [args, problem] of [
      [['revel'], 'unknown action revel; did you mean reveal? '],
      [['show'], 'unknown action show; '],
      [['clear', 'x'], 'clear takes no arguments; '],
      [['--all'], '--all is for clear only; '],
      [['reveal', '--json'], 'reveal has no --json; '],
    ] as const) {
      const { status, stdout, stderr } = await run(args)
      assert.equal([status, stdout, stderr], [2, '', `error: Cannot run the command token: ${problem}${expected}`])
    }
  }),
)

token.run()
