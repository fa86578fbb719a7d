/** Who a script acts as, remembered from one process to the next, on an ordinary server. */
import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createActingUser } from '../../runtime/auth/acting_user.ts'
import { systemHost } from '../../runtime/host/host.ts'
import type { CliResult } from '../_cli.ts'
import { type ScriptedReply, withServer } from '../_server.ts'
import { settingsFor, TOKEN } from '../cli/_configured.ts'
import { here } from '../cli/_here.ts'
import { type KeptProject, tasksOf, withKept } from '../tasks/history/_history.ts'
import { configOf } from './_config.ts'

const acting = suite('auth/acting_user')

const ENTRIES = `
    ask: { script: './scripts/ask.ts', access: 'read' },
    silent: { script: './scripts/silent.ts' }`
const FILES = {
  'tasks.ts': tasksOf(ENTRIES),
  'scripts/ask.ts': `import { defineScript } from '#wfg'
import * as v from 'valibot'
export default defineScript({
  args: v.object({ impersonate: v.optional(v.string()) }),
  async run({ args, wfg }) {
    const client = args.impersonate ? wfg.extend({ impersonate: args.impersonate }) : wfg
    return [await client('query Me { me: viewer { name: userName } }')]
  },
})`,
  'scripts/silent.ts': `import { defineScript } from '#wfg'\nexport default defineScript({ run() {} })`,
}

function answer(name: string): ScriptedReply {
  return { body: { data: { me: { name } } } }
}

interface Given extends KeptProject {
  readonly cache: string
  /** Runs with the settings of the server in a process of its own, and succeeds. */
  start(args: readonly string[]): Promise<string>
  /** As `start`, in this process. */
  task(args: readonly string[], env?: Record<string, string>): Promise<string>
  /** Users of all runs so far, oldest first. */
  users(): (string | undefined)[]
}

function withApplication(replies: readonly ScriptedReply[], action: (given: Given) => Promise<void>): Promise<void> {
  return withServer(replies, (server) =>
    withKept(FILES, async (kept) => {
      const cache = join(kept.dir, 'cache')
      const env = { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk', WFG_CACHE_DIR: cache }
      await action({
        ...kept,
        cache,
        start: (args) => kept.run(args, { env }).then(succeeded),
        task: (args, more = {}) =>
          here(kept.dir, args, { env: { ...kept.env, ...env, ...more }, entries: ENTRIES }).then(succeeded),
        users: () => kept.records(cache).map(({ actingUser }) => actingUser),
      })
    })(),
  )
}

function succeeded({ status, stderr }: CliResult): string {
  assert.is(status, 0, stderr)
  return stderr
}

const userFiles = (cache: string) => readdirSync(cache).filter((name) => name.endsWith('.user'))

acting('what a script was told of its user is in the history, and is named before a task that can write', () =>
  withApplication([TOKEN, answer('ada_admin'), answer('bob_new')], async ({ start, task, users, cache }) => {
    assert.not.match(await task(['silent']), ', as ')
    await start(['ask'])
    assert.match(await start(['silent']), /^Profile "default": http:\/\/127\.0\.0\.1:\d+, as ada_admin\n$/)
    await task(['ask'])
    await task(['silent'])
    assert.equal(users(), [undefined, 'ada_admin', 'ada_admin', 'bob_new', 'bob_new'])
    const [file, ...others] = userFiles(cache)
    assert.equal(others, [])
    if (process.platform !== 'win32') assert.is(statSync(join(cache, file!)).mode & 0o777, 0o600)
  }),
)

acting('impersonation is another user', () =>
  withApplication([TOKEN, answer('ann_lee'), answer('ann_lee')], async ({ task, users, cache }) => {
    await task(['ask', '--impersonate', 'ann_lee'])
    await task(['ask'], { WFG_IMPERSONATE: 'ann_lee' })
    await task(['silent'])
    assert.equal(users(), [undefined, 'ann_lee', undefined])
    assert.equal(userFiles(cache), [])
  }),
)

acting('it is forgotten with the token, and kept nowhere with a token that is not written', () =>
  withApplication([TOKEN, answer('ada'), TOKEN, answer('ada')], async ({ task, users, cache }) => {
    await task(['ask'])
    assert.is(userFiles(cache).length, 1)
    await task(['token', 'clear'])
    assert.equal(userFiles(cache), [])
    await task(['ask'], { WFG_TOKEN_CACHE: 'memory' })
    assert.equal(userFiles(cache), [])
    assert.equal(users(), ['ada', 'ada'], 'the run itself knows')
  }),
)

acting('doctor tells it as well', () =>
  withApplication(
    [
      { status: 200, body: '' },
      TOKEN,
      { body: { data: { __typename: 'Query' } } },
      { body: { data: { viewer: { userName: 'ada_admin' } } } },
    ],
    async ({ task, cache }) => {
      await task(['doctor'])
      assert.is(userFiles(cache).length, 1)
      assert.match(await task(['silent']), ', as ada_admin')
    },
  ),
)

acting('each application has a user of its own on each server, and a name that cannot be shown is none', async () => {
  const host = systemHost()
  await withKept(FILES, async ({ dir }) => {
    const cache = join(dir, 'cache')
    const of = (more: Record<string, string> = {}) => {
      const config = configOf({ WFG_ISSUER: 'https://as.example/', WFG_TOKEN_CACHE: 'disk', ...more })
      return createActingUser(host, { ...config, cacheDir: cache })
    }
    of().note('ada\u001b[31m')
    of().note('')
    assert.not(existsSync(cache))
    of().note('DOMAIN\\ada')
    assert.is(of().read(), 'DOMAIN\\ada')
    assert.is(of({ WFG_CLIENT_ID: 'other' }).read(), undefined)
    assert.is(of({ WFG_GRAPHQL_URL: 'https://other.example.com/wfgen/graphql' }).read(), undefined)
    if (process.platform === 'win32') return
    chmodSync(join(cache, userFiles(cache)[0]!), 0o666)
    assert.is(of().read(), undefined, 'others could have written it')
  })()
})

acting.run()
