import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError, UsageError } from '../../runtime/core/errors.ts'
import { type JobRequest, newJob } from '../../runtime/queue/job.ts'
import type { NewJob } from '../../runtime/queue/store.ts'
import { taskFilesOf } from '../../runtime/queue/task_files.ts'
import { defineTasks } from '../../runtime/tasks/registry/registry.ts'
import { hides, rejects } from '../_assert.ts'
import { folderWithPackages } from '../_cli.ts'
import { fakeHost } from '../_host.ts'
import { withFolder } from '../tasks/_folder.ts'

const job = suite('cli/queue/job')

const DEFINE = `import { defineScript } from '${new URL('../../runtime/script/define.ts', import.meta.url)}'
import * as v from 'valibot'\n`

const FILES = {
  'package.json': '{"type":"module"}',
  'tasks.ts': '',
  'typed.ts': `${DEFINE}export default defineScript({
  positionals: ['file'],
  args: v.object({
    file: v.optional(v.string()),
    since: v.optional(v.pipe(v.date(), v.transform((date) => date.getTime()))),
    count: v.optional(v.pipe(v.number(), v.minValue(1))),
    big: v.optional(v.bigint()),
    names: v.optional(v.array(v.string())),
    open: v.optional(v.boolean(), true),
    pin: v.optional(v.pipe(v.string(), v.metadata({ secret: true }))),
    keys: v.optional(v.array(v.pipe(v.string(), v.metadata({ secret: true })))),
  }),
  run() {},
})`,
  'plain.ts': `throw new Error('a plain file must not be imported')`,
}

const ENTRIES = {
  typed: { script: './typed.ts', timeoutSeconds: 60, retry: { limit: 3, delaySeconds: 10 } },
  reads: { script: './typed.ts', access: 'read' as const },
  plain: { script: './plain.ts' },
  both: { needs: ['typed', 'plain'] },
}

const OPEN = { name: 'test', isProtected: false }

async function jobOf(task: keyof typeof ENTRIES, given: Partial<JobRequest> = {}): Promise<NewJob & { same: boolean }> {
  let made: (NewJob & { same: boolean }) | undefined
  await withFolder(
    FILES,
    async (folder, url) => {
      const registry = defineTasks(url, ENTRIES)
      const host = fakeHost({ cwd: () => folder, hostname: () => 'here', redirectConsole: () => () => {} })
      const request = { profile: OPEN, confirm: undefined, yes: false, user: 'ada', ...given }
      const found = await newJob(host, registry, registry.find(task)!, request, 'Cannot queue it')
      made = { ...found, same: found.hash === taskFilesOf(registry).hashOf(registry.find(task)!) }
    },
    folderWithPackages(),
  )
  return made!
}

job('a job says everything of its run but the settings', async () => {
  const { data, hash, same, ...rest } = await jobOf('typed', { argv: ['a.csv', '--count', '3'], yes: true })
  assert.ok(same)
  assert.equal(data, {
    ...{ v: 1, task: 'typed', args: { file: 'a.csv', count: 3 }, profile: 'test', hash, yes: true },
    queuedBy: { host: 'here', user: 'ada' },
  })
  assert.equal(rest, { task: 'typed', retryLimit: 3, retryDelaySeconds: 10, expireInSeconds: 180 })
})

job('by default a job is not retried, and may take almost a day', async () => {
  const { retryLimit, retryDelaySeconds, expireInSeconds } = await jobOf('reads')
  assert.equal([retryLimit, retryDelaySeconds, expireInSeconds], [0, 0, 86_340])
})

job('arguments are kept as JSON, as given and before the schema transforms them', async () => {
  const argv = ['--since', '2026-11-01', '--big', '12345678901234567890', '--names', 'a', '--names', 'b', '--no-open']
  const args = {
    ...{ since: '2026-11-01T00:00:00.000Z', big: '12345678901234567890', names: ['a', 'b'], open: false },
  }
  assert.equal((await jobOf('typed', { argv })).data.args, args)
  assert.equal((await jobOf('typed', { args })).data.args, args, 'so they can be given again')
})

job('arguments that the script would refuse are refused, and their values are not shown', async () => {
  const refused: [given: Partial<JobRequest>, message: RegExp][] = [
    [{ argv: ['--count', 'hush-hush'] }, /--count needs a number/],
    [{ argv: ['--count', '0'] }, /--count needs to be at least 1/],
    [{ argv: ['--cuont', '3'] }, /there is no flag --cuont; did you mean --count\?/],
    [{ args: { count: 'hush-hush' } }, /count/],
    [{ args: { other: 1 } }, /"other" is not one of the arguments/],
  ]
  for (const [given, message] of refused) {
    const error = await rejects(() => jobOf('typed', given), { instance: UsageError, message })
    hides(inspect(error), 'hush-hush')
  }
})

job('a secret argument is refused, at any depth of the schema', async () => {
  for (const argv of [
    ['--pin', 'hush-hush'],
    ['--keys', 'hush-hush'],
  ]) {
    const message = new RegExp(
      `^Cannot queue it: "${argv[0]!.slice(2)}" is marked as a secret, which no queue may keep;`,
    )
    hides(inspect(await rejects(() => jobOf('typed', { argv }), { instance: UsageError, message })), 'hush-hush')
  }
})

job('a script without a schema takes no arguments', async () => {
  assert.equal((await jobOf('plain')).data.args, {})
  assert.equal((await jobOf('both')).data.args, {})
  await rejects(() => jobOf('plain', { argv: ['x'] }), {
    message:
      'Cannot queue it with arguments: its script is a plain file, which has no schema, so nothing could check them; make it a defineScript.',
  })
  await rejects(() => jobOf('both', { args: { a: 1 } }), {
    message: 'Cannot queue it with arguments: it has no script of its own, so nothing could check them.',
  })
})

job('a protected profile must be confirmed by its name for tasks that write', async () => {
  const profile = { name: 'prod', isProtected: true }
  await rejects(() => jobOf('typed', { profile }), {
    instance: RefusedError,
    message:
      'Cannot queue it: the task can write, the profile "prod" is protected, and nobody confirmed it. ' +
      'Nothing was queued. Say --confirm prod if it is meant for that server.',
  })
  await rejects(() => jobOf('both', { profile, confirm: 'test' }), {
    instance: RefusedError,
    message: /another name was given/,
  })
  assert.is((await jobOf('typed', { profile, confirm: 'prod' })).data.confirmed, true)
  assert.is((await jobOf('reads', { profile })).data.confirmed, undefined)
  assert.is((await jobOf('typed', { confirm: 'test' })).data.confirmed, undefined)
})

job.run()
