/** Every way in which a run starts and ends leaves one record; cli/interruption has those that are ended from outside. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsFor, TOKEN } from '../../cli/_configured.ts'
import { here } from '../../cli/_here.ts'
import { type KeptProject, tasksOf, withKept } from './_history.ts'

const recording = suite('tasks/history/recording')

const LIMIT_MS = 60_000
const VIEWER = 'await wfg`query { viewer { userName } }`'
const DEFINED = `import { defineScript } from '#wfg'
import * as v from 'valibot'
export default defineScript({
  args: v.object({
    since: v.optional(v.date()),
    key: v.optional(v.pipe(v.string(), v.metadata({ secret: true }))),
    names: v.optional(v.array(v.string()), []),
    end: v.optional(v.picklist(['throws', 'exits', 'waits', 'asks', 'sticks'])),
  }),
  async run({ args, wfg, confirm, signal }) {
    ${VIEWER}
    if (args.end === 'throws') throw new Error(\`broken by \${args.key}\\nand more\`)
    if (args.end === 'exits') process.exit(3)
    if (args.end === 'asks') await confirm('Really?')
    if (args.end === 'sticks') await new Promise(() => {})
    if (args.end === 'waits') await new Promise((resolve) => { console.log('waits'); const timer = setTimeout(resolve, 60_000); signal.onabort = () => { clearTimeout(timer); resolve() } })
  },
})`
const PLAIN = `import { wfg } from '#wfg'
${VIEWER}
if (process.argv[2] === 'exits') process.exit(3)
if (process.argv[2] === 'throws') throw new Error('broken')
console.log('done')`
const ENTRIES = `
    defined: { script: './scripts/defined.ts', access: 'read', aliases: ['d'] },
    plain: { script: './scripts/plain.ts' },
    both: { needs: ['defined', 'plain'] },
    later: { script: './scripts/defined.ts', needs: ['ends'] },
    ends: { script: './scripts/ends.ts', access: 'read' }`
const FILES = {
  'tasks.ts': tasksOf(ENTRIES),
  'scripts/defined.ts': DEFINED,
  'scripts/plain.ts': PLAIN,
  'scripts/loose.ts': PLAIN,
  'scripts/ends.ts': 'process.exit(0)',
}

/** Tells each script that asks who it is; and a sandbox takes longer to start than all the rest. */
const server = createServer((request, response) => {
  const answer = request.url!.includes('token') ? TOKEN.body : { data: { viewer: { userName: 'john_smith' } } }
  request.resume().on('end', () => response.end(JSON.stringify(answer)))
})
let settings: Record<string, string>
recording.before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  settings = settingsFor({ url })
  delete settings['WFG_TOKEN_CACHE']
})
recording.after(() => {
  server.closeAllConnections()
  server.close()
})

function withServer(action: (kept: RecordedProject) => Promise<void>): () => Promise<void> {
  return withKept(FILES, (kept) => {
    const env = { ...kept.env, ...settings }
    const run: KeptProject['run'] = (args, options = {}) =>
      kept.run(args, { ...options, env: { ...settings, ...options.env } })
    const task: KeptProject['run'] = (args, options = {}) =>
      here(kept.dir, args, { ...options, env: { ...env, ...options.env }, entries: ENTRIES })
    return action({ ...kept, env, run, task })
  })
}

interface RecordedProject extends KeptProject {
  /** As `run`, in this process; not for what runs a plain file. */
  task: KeptProject['run']
}

recording(
  'a run by name, of a file and started directly each leave one record',
  withServer(async ({ dir, state, run, records }) => {
    const ways: [args: string[], entry?: string][] = [
      [['d', '--profile', 'test']],
      [['run', 'scripts/loose.ts', 'a', '--b']],
      [[], 'scripts/defined.ts'],
      [['a'], 'scripts/plain.ts'],
      [['both', '--dry-run']],
    ]
    const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`)
    writeFileSync(join(dir, '.env.test'), lines.join(''), { mode: 0o600 })
    for (const [args, entry] of ways) {
      const { status, stderr } = await run(args, entry === undefined ? {} : { entry })
      assert.is(status, 0, stderr)
    }
    const kept = records()
    assert.equal(
      kept.map(({ task, file, args, argv, dryRun, operations }) => ({ task, file, args, argv, dryRun, operations })),
      [
        { task: 'defined', args: {}, operations: { query: 1 } },
        { file: 'scripts/loose.ts', argv: ['a', '--b'], operations: { query: 1 } },
        { task: 'defined', args: {}, operations: { query: 1 } },
        { task: 'plain', argv: ['a'], operations: { query: 1 } },
        { task: 'both', dryRun: true, operations: { query: 2 } },
      ].map((each) => ({
        task: undefined,
        file: undefined,
        args: undefined,
        argv: undefined,
        dryRun: undefined,
        ...each,
      })),
    )
    for (const [index, each] of kept.entries()) {
      const { outcome, exitCode, actingUser, directory, durationMs, startedAt } = each
      assert.equal(
        { outcome, exitCode, profile: each.profile, actingUser, directory },
        {
          ...{ outcome: 'done', exitCode: 0, profile: index === 0 ? 'test' : 'default' },
          ...{ actingUser: 'john_smith', directory: dir },
        },
      )
      assert.ok(
        durationMs! > 0 && durationMs! < LIMIT_MS && Math.abs(Date.parse(startedAt) - Date.now()) < 10 * LIMIT_MS,
      )
    }
    assert.is(new Set(kept.map(({ id }) => id)).size, kept.length)
    assert.ok(kept.every(({ id, host, osUser }) => /^[0-9a-z]{8}$/.test(id) && host && osUser !== undefined))
    if (process.platform === 'win32') return
    assert.equal([statSync(state).mode & 0o777, statSync(join(state, 'runs.ndjson')).mode & 0o777], [0o700, 0o600])
  }),
)

recording(
  'the record has the arguments as an arguments file does, without secrets',
  withServer(async ({ state, task, records }) => {
    const secret = 'not-for-any-file'
    const args = ['--since', '2026-11-01', '--names', 'a', '--names', `x ${secret}`, '--key', secret]
    const { stderr } = await task(['d', ...args, '--end', 'throws'])
    assert.not.match(stderr, secret)
    const [record] = records()
    assert.equal(record?.args, {
      since: '2026-11-01T00:00:00.000Z',
      names: ['a', 'x [redacted]'],
      key: '[secret]',
      end: 'throws',
    })
    assert.equal([record?.withheld, record?.error], ['secret', { message: 'broken by [redacted]\nand more' }])
    assert.not.match(readFileSync(join(state, 'runs.ndjson'), 'utf8'), secret)
  }),
)

recording(
  'no record contains the client secret, even if nothing was sent',
  withKept({ ...FILES, '.env': 'WFG_CLIENT_SECRET=of-the-application\n' }, async ({ state, run, records }) => {
    const { status } = await run(['run', 'scripts/loose.ts', '--key=of-the-application'])
    const [record] = records()
    assert.equal([status, record?.outcome, record?.error?.code], [2, 'failed', 'WFG_CONFIG'])
    assert.equal([record?.argv, record?.withheld], [['--key=[redacted]'], 'secret'])
    assert.not.match(readFileSync(join(state, 'runs.ndjson'), 'utf8'), 'of-the-application')
  }),
)

const LOOSE = 'scripts/loose.ts'

const ENDS = [
  ['fails', ['d', '--end', 'throws', '--key', 'x'], ['failed', 1, { message: 'broken by x\nand more' }], 'here'],
  ['ends its process', ['d', '--end', 'exits'], ['failed', 3, undefined]],
  ['is refused', ['d', '--end', 'asks'], ['refused', 7, { code: 'WFG_REFUSED' }], 'here'],
  ['runs out of time', ['d', '--end', 'waits', '--timeout', '2'], ['timed out', 124, {}], 'here'],
  ['never comes to its end', ['d', '--end', 'sticks'], ['failed', 1, {}]],
  ['is called wrongly', ['d', '--ende', 'waits'], ['failed', 2, { code: 'WFG_USAGE' }], 'here'],
  // More than is kept.
  ['is a file that ends its process', ['run', LOOSE, 'exits', 'x'.repeat(10_000)], ['failed', 3, undefined]],
  ['is a file that fails', ['plain', 'throws'], ['failed', 1, { message: 'broken' }]],
  ['started directly, ends its process', ['exits'], ['failed', 3, undefined], LOOSE],
  ['started directly, fails', ['throws'], ['failed', 1, { message: 'broken' }], LOOSE],
  ['needs one that ends the process', ['later'], ['failed', 1, undefined]],
] as const

recording(
  'so does a run, however it ends',
  withServer(async ({ run, task, records }) => {
    for (const [title, args, [outcome, exitCode, error], way] of ENDS) {
      const before = records().length
      const { status, stderr } = await (way === 'here' ? task(args) : run(args, way && { entry: way }))
      const [kept, ...more] = records().slice(before)
      assert.equal([status, more.length], [exitCode, 0], `${title}: ${stderr}`)
      assert.equal([kept?.outcome, kept?.exitCode], [outcome, exitCode], title)
      if (error === undefined) assert.is(kept?.error, undefined, title)
      else assert.equal({ ...kept?.error, ...error }, kept?.error, title)
      const { file, argv, withheld } = kept!
      if (way === LOOSE) assert.equal([file, argv, withheld], [LOOSE, args, undefined])
      if ((args as readonly string[]).includes(LOOSE)) assert.equal([file, argv, withheld], [LOOSE, undefined, 'long'])
    }
  }),
)

recording(
  'no record is written with the token cache off, in a CI, for other commands, and without a folder',
  withServer(async ({ dir, state, task }) => {
    await task(['d'], { env: { WFG_TOKEN_CACHE: 'off' } })
    await task(['d'], { env: { CI: 'true' } })
    await task(['query', 'query { viewer { userName } }'])
    await task(['list'])
    await task(['d', '--help'])
    assert.not(existsSync(state))
    writeFileSync(join(dir, 'file'), '')
    const blocked = await task(['d', '--verbose'], {
      env: { XDG_STATE_HOME: join(dir, 'file'), LOCALAPPDATA: join(dir, 'file') },
    })
    assert.is(blocked.status, 0)
    assert.match(blocked.stderr, /history: the record could not be written \((ENOTDIR|ENOENT|EEXIST)\)/)
    const nowhere = await task(['d'], { env: { XDG_STATE_HOME: '', HOME: '', LOCALAPPDATA: '' } })
    assert.is(nowhere.status, 0, nowhere.stderr)
  }),
)

recording(
  'WFG_CACHE_DIR moves the history as well',
  withServer(async ({ dir, task }) => {
    await task(['d'], { env: { XDG_STATE_HOME: '', WFG_CACHE_DIR: 'moved' } })
    assert.ok(existsSync(join(dir, 'moved', 'state', 'runs.ndjson')))
  }),
)

recording.run()
