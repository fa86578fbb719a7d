import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../../runtime/core/errors.ts'
import { createSession, projectDirectory, runSettings } from '../../../runtime/tasks/run/session.ts'
import { rejects } from '../../_assert.ts'
import { type FakeReply, fakeHost } from '../../_host.ts'
import { withFolder } from '../_folder.ts'

const session = suite('tasks/session')

const SERVER = {
  WFG_GRAPHQL_URL: 'https://workflow.example.com/graphql',
  WFG_TOKEN_ENDPOINT: 'https://as.example.com/token',
  WFG_CLIENT_ID: 'client',
  WFG_CLIENT_SECRET: 'the-secret-of-the-client',
  WFG_PROVIDER: 'auth0',
  WFG_AUDIENCE: 'api',
  WFG_TOKEN_CACHE: 'off',
}
const OF_THE_SANDBOX = {
  ...SERVER,
  WFG_GRAPHQL_URL: 'http://127.0.0.1:1/graphql',
  WFG_TOKEN_ENDPOINT: 'http://127.0.0.1:1/token',
  WFG_CLIENT_ID: 'of-the-sandbox',
}

/** A session in this folder, with a sandbox that only says where it would be. */
function sessionIn(folder: string, env: Record<string, string> = {}, replies: readonly FakeReply[] = []) {
  const host = fakeHost({
    platform: 'linux',
    ...{ env, secrets: {}, cwd: () => folder, replies, runtime: 'node', program: 'tasks.ts', random: () => 0 },
    ...{ isAllowed: () => true, userId: () => process.geteuid?.() },
  })
  const asked = { sandbox: 0, closed: 0, directory: 0 }
  const made = createSession(host, {
    findDirectory() {
      asked.directory++
      return folder
    },
    async startSandbox() {
      asked.sandbox++
      return {
        settings: OF_THE_SANDBOX,
        user: 'john_smith',
        async close() {
          asked.closed++
        },
      }
    },
  })
  return { host, asked, session: made }
}

function dotenv(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

session('createSession() does nothing until it is used', () =>
  withFolder({}, (folder) => {
    const { host, asked, session } = sessionIn(folder)
    assert.equal([asked, host.err, session.runSettings], [{ sandbox: 0, closed: 0, directory: 0 }, '', runSettings()])
  }),
)

session('connect() makes one connection for each profile, and one token for each application', () =>
  withFolder(
    {
      '.env': dotenv(SERVER),
      '.env.test': 'WFG_GRAPHQL_URL=https://test.example.com/graphql\n',
      '.env.other': 'WFG_CLIENT_ID=another\n',
    },
    async (folder) => {
      const { asked, session } = sessionIn(folder)
      const [first, again, test, other] = await Promise.all(
        [undefined, undefined, 'test', 'other'].map((profile) => session.connect(profile)),
      )
      assert.is(first, again)
      assert.is(first!.config.profile, 'default')
      assert.is(test!.config.graphqlUrl.hostname, 'test.example.com')
      assert.is(test!.token, first!.token)
      assert.is.not(other!.token, first!.token)
      assert.is(first!.user, undefined)
      assert.is(asked.sandbox, 0)
      session.runSettings = { ...runSettings(), profile: 'test' }
      assert.is(await session.connect(undefined), test)
    },
  ),
)

session('connect() knows the impersonated user', () =>
  withFolder({ '.env': dotenv({ ...SERVER, WFG_IMPERSONATE: 'jane' }) }, async (folder) => {
    assert.is((await sessionIn(folder).session.connect(undefined)).user, 'jane')
  }),
)

session('connect() masks the secret from then on', () =>
  withFolder({ '.env': dotenv(SERVER) }, async (folder) => {
    const { host, session } = sessionIn(folder)
    await session.connect(undefined)
    assert.is(host.redactor.text('it is the-secret-of-the-client'), 'it is [redacted]')
  }),
)

session('connect() with --quiet does not say that it uses the sandbox', () =>
  withFolder({}, async (folder) => {
    const { host, session } = sessionIn(folder)
    session.runSettings = { ...runSettings(), quiet: true }
    assert.is((await session.connect(undefined)).config.profile, 'sandbox')
    assert.is(host.err, '')
  }),
)

session('connect() uses the sandbox when nothing is configured, and says so once', () =>
  withFolder({ '.env.example': dotenv(SERVER) }, async (folder) => {
    const { host, asked, session } = sessionIn(folder)
    const { config, user } = await session.connect(undefined)
    await session.connect(undefined)
    assert.equal([config.profile, config.clientId, user], ['sandbox', 'of-the-sandbox', 'john_smith'])
    assert.is(asked.sandbox, 1)
    assert.match(host.err, /^Nothing is configured, so this uses the embedded sandbox: [^\n]+\n$/)
    await session.close()
    assert.is(asked.closed, 1)
  }),
)

session('connect() does not mention a sandbox that was asked for, whose modes can be set', () =>
  withFolder({ '.env': dotenv(SERVER) }, async (folder) => {
    const { host, asked, session } = sessionIn(folder, { WFG_DRY_RUN: '1', WFG_CLIENT_ID: 'mine' })
    const { config } = await session.connect('sandbox')
    assert.equal([config.clientId, config.dryRun, host.err, asked.sandbox], ['of-the-sandbox', true, '', 1])
  }),
)

session('connect() rejects when settings are missing', () =>
  withFolder({}, async (folder) => {
    const { asked, session } = sessionIn(folder, { CI: '1' })
    await rejects(() => session.connect(undefined), { instance: ConfigError })
    assert.is(asked.sandbox, 0)
    await session.close()
  }),
)

session('close() ends a token request in the background before it closes the connections', () =>
  withFolder({ '.env': dotenv(SERVER) }, async (folder) => {
    const never = () => new Promise<never>(() => {})
    const { host, session } = sessionIn(folder, {}, [never])
    const { token } = await session.connect(undefined)
    const caller = new AbortController()
    const leaving = token.get({ signal: caller.signal })
    while (host.transport.requests.length === 0) await host.advance(0)
    caller.abort(new Error('interrupted'))
    await rejects(leaving, { message: 'interrupted' })
    const closing = session.close()
    await host.advance(0)
    await closing
    assert.ok(host.transport.requests[0]!.signal.aborted)
  }),
)

session('isDry() reads the profile without a connection', () =>
  withFolder(
    { '.env': 'WFG_DRY_RUN= false\n', '.env.test': 'WFG_DRY_RUN=TRUE\n', '.env.bad': 'WFG_DRY_RUN=maybe\n' },
    (folder) => {
      const { session } = sessionIn(folder)
      const answers = [undefined, 'test', 'bad', 'unknown'].map((profile) => session.isDry(profile))
      assert.equal(answers, [false, true, false, false])
      assert.is(sessionIn(folder, { WFG_DRY_RUN: '1' }).session.isDry(undefined), true)
    },
  ),
)

session('the exit code becomes 5 if a bulk entry failed, unless a worse failure set one', () =>
  withFolder({}, (folder) => {
    const { host, session } = sessionIn(folder)
    session.clientContext.onIncomplete?.()
    assert.is(host.exitCode(), 5)
    host.setExitCode(4)
    session.clientContext.onIncomplete?.()
    assert.is(host.exitCode(), 4)
  }),
)

session('projectDirectory() is the nearest folder upwards with a package.json, or the start', () =>
  withFolder({ 'a/package.json': '{}' }, (given) => {
    const folder = realpathSync(given)
    mkdirSync(join(folder, 'a/b/c'), { recursive: true })
    writeFileSync(join(folder, 'a/b/x.ts'), '')
    assert.is(projectDirectory(join(folder, 'a/b/c')), join(folder, 'a'))
    assert.is(projectDirectory(join(folder, 'a')), join(folder, 'a'))
    assert.is(projectDirectory(folder), folder)
  }),
)

session.run()
