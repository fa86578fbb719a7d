import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, UsageError } from '../../runtime/core/errors.ts'
import { profileOfJob } from '../../runtime/queue/job.ts'
import { openQueue } from '../../runtime/queue/open_queue.ts'
import { refuseFlags } from '../../runtime/queue/refused_flags.ts'
import { defineTasks } from '../../runtime/tasks/registry/registry.ts'
import { rejects } from '../_assert.ts'
import { temporaryFolder } from '../_cli.ts'
import { fakeHost } from '../_host.ts'
import { notRun } from '../_not_run.ts'
import { withFolder } from '../tasks/_folder.ts'
import { storeHost } from './store/_store.ts'

const open = suite('cli/queue/open_queue')

open('without a folder for the queue, the error says how to set one', () =>
  withFolder({}, async (folder, url) => {
    const host = fakeHost({ ...storeHost(), env: {}, secrets: {}, cwd: () => folder, platform: 'linux' })
    await rejects(() => openQueue({ host, registry: defineTasks(url, {}), flags: {} }, 'command'), {
      instance: ConfigError,
      message:
        'Cannot keep a queue on this computer: the system names no folder for the files of this user. ' +
        'Set WFG_CACHE_DIR to a folder for them, or WFG_DATABASE_URL to a PostgreSQL database.',
    })
  }),
)

open('with WFG_TOKEN_CACHE=off there is no queue on this computer', () =>
  withFolder({ '.env': 'WFG_TOKEN_CACHE=off\n' }, async (folder, url) => {
    const host = fakeHost({ ...storeHost(), env: { HOME: folder }, secrets: {}, cwd: () => folder, platform: 'linux' })
    await rejects(() => openQueue({ host, registry: defineTasks(url, {}), flags: {} }, 'command'), {
      instance: ConfigError,
      message:
        'Cannot keep a queue on this computer: WFG_TOKEN_CACHE is off, so no files may be kept. ' +
        'Set it to memory, or WFG_DATABASE_URL to a PostgreSQL database.',
    })
  }),
)

open(
  'each project has a queue of its own, in the folder of the state of the user, made by the first that opens it',
  () =>
    withFolder({}, async (folder, url) => {
      if (process.platform === 'win32') return notRun('the folders of Linux are expected')
      const home = temporaryFolder()
      const host = fakeHost({ ...storeHost(), env: { HOME: home }, secrets: {}, cwd: () => folder, platform: 'linux' })
      const { store, place } = await openQueue({ host, registry: defineTasks(url, {}), flags: {} }, 'command')
      assert.match(JSON.parse(place), /^.*\/\.local\/state\/wfg\/queue\/[0-9a-f]{16}$/)
      assert.ok(JSON.parse(place).startsWith(join(home, '.local')))
      assert.equal(await store.jobs(1), [])
      await store.close()
      rmSync(home, { recursive: true })
    }),
)

for (const [title, files, given, expected] of [
  ['nothing is configured', {}, {}, { name: 'sandbox', isProtected: false }],
  ['there is .env', { '.env': 'WFG_CLIENT_ID=c\n' }, {}, { name: 'default', isProtected: false }],
  [
    'the environment names one',
    { '.env.prod': 'WFG_PROTECTED=true\n' },
    { env: 'prod' },
    { name: 'prod', isProtected: true },
  ],
  [
    'one is chosen',
    { '.env.prod': 'WFG_PROTECTED=1\n', '.env': '' },
    { chosen: 'prod' },
    { name: 'prod', isProtected: true },
  ],
  [
    'its protection cannot be read',
    { '.env.prod': 'WFG_PROTECTED=yes\n' },
    { chosen: 'prod' },
    { name: 'prod', isProtected: true },
  ],
] as const) {
  open(`profileOfJob() is what another process is to use: ${title}`, () =>
    withFolder(files, (folder) => {
      const { env, chosen } = given as { env?: string; chosen?: string }
      const host = fakeHost({ env: env ? { WFG_PROFILE: env } : {}, secrets: {}, cwd: () => folder })
      assert.equal(profileOfJob(host, folder, chosen), expected)
    }),
  )
}

open('refuseFlags() names the flag and the reason', async () => {
  refuseFlags('x', { yes: true }, { out: 'it has no result' })
  await rejects(() => refuseFlags('x', { yes: true, out: 'a.csv' }, { out: 'it has no result' }), {
    instance: UsageError,
    message: 'Cannot use --out with x: it has no result.',
  })
})

open.run()
