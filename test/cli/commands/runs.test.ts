import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../../runtime/core/visible.ts'
import type { CliResult } from '../../_cli.ts'
import { notRun, SLOW_UNDER_WINE, UNDER_WINE } from '../../_not_run.ts'
import { type KeptProject, tasksOf, withKept } from '../../tasks/history/_history.ts'
import { here } from '../_here.ts'
import { running } from '../_running.ts'

const runs = suite('cli/runs')

/** A server that no script asks, which takes less time than the sandbox. */
const SETTINGS = [
  'WFG_GRAPHQL_URL=http://127.0.0.1:9/graphql',
  'WFG_TOKEN_ENDPOINT=http://127.0.0.1:9/token',
  'WFG_CLIENT_ID=client',
  'WFG_CLIENT_SECRET=the-secret-of-it',
  'WFG_AUDIENCE=api',
  'WFG_PROVIDER=auth0',
].join('\n')
const PROTECTED = `${SETTINGS}\nWFG_PROTECTED=true`

const ENTRIES = `
    count: { script: './scripts/count.ts', access: 'read', aliases: ['c'] },
    plain: { script: './scripts/plain.ts', access: 'read' },
    writes: { script: './scripts/count.ts' },
    waits: { script: './scripts/waits.ts', access: 'read' },
    both: { needs: ['count'] }`
const FILES = {
  '.env': SETTINGS,
  'tasks.ts': tasksOf(ENTRIES),
  'scripts/count.ts': `import { defineScript } from '#wfg'
import * as v from 'valibot'
export default defineScript({
  args: v.object({
    since: v.optional(v.pipe(v.date(), v.transform((date) => date.getUTCFullYear()))),
    names: v.optional(v.array(v.string()), []),
    key: v.optional(v.pipe(v.string(), v.metadata({ secret: true }))),
    fail: v.optional(v.boolean(), false),
  }),
  async run({ args: { since, names, fail }, server }) {
    const { profile, dryRun } = await server()
    if (fail) throw new Error('it broke')
    return [{ since, names, profile, dryRun }]
  },
})`,
  'scripts/plain.ts': `console.log(JSON.stringify(process.argv.slice(2)))`,
  'scripts/loose.ts': `console.log(JSON.stringify(process.argv.slice(2)))`,
  'scripts/waits.ts': `import { defineScript } from '#wfg'
import * as v from 'valibot'
export default defineScript({
  args: v.object({ name: v.string() }),
  async run({ signal }) {
    console.log('waits')
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 600_000)
      signal.onabort = () => resolve(clearTimeout(timer))
    })
  },
})`,
}

type Kept = Pick<KeptProject, 'dir' | 'env'>

/** As `run`, in this process; not for what runs a plain file. */
function task({ dir, env }: Kept, args: readonly string[], more = {}, entries = ENTRIES): Promise<CliResult> {
  return here(dir, args, { env: { ...env, ...more }, entries })
}

/** The same, for `runs …`. */
function look(kept: Kept, args: readonly string[], more = {}, entries = ENTRIES): Promise<CliResult> {
  return task(kept, ['runs', ...args], more, entries)
}

function lines({ stdout }: CliResult): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

runs(
  'runs shows the newest first, and chooses by task, outcome, number and folder; again repeats a plain task there',
  withKept(FILES, async ({ dir, env, run, records }) => {
    await task({ dir, env }, ['count'])
    await task({ dir, env }, ['c', '--fail'])
    await run(['plain', 'a b', '--x'])
    const rows = lines(await run(['runs']))
    assert.equal(
      rows.map(({ task, outcome, exitCode, error }) => [task, outcome, exitCode, error]),
      [
        ['plain', 'done', 0, null],
        ['count', 'failed', 1, 'it broke'],
        ['count', 'done', 0, null],
      ],
    )
    assert.equal(
      rows.map(({ id }) => id),
      records()
        .map(({ id }) => id)
        .reverse(),
    )
    const shown = async (...args: string[]) => lines(await look({ dir, env }, args)).map(({ id }) => id)
    const [plain, failed, done] = rows.map(({ id }) => id)
    assert.equal(await shown('--limit', '1'), [plain])
    assert.equal(await shown('--task', 'c'), [failed, done])
    assert.equal(await shown('--failed'), [failed])
    assert.equal(await shown('--since', '1h', '--limit', '2'), [plain, failed])
    assert.equal(await shown('--since', '2100-01-01'), [])
    assert.equal(await shown('--by', 'nobody-of-that-name'), [])
    assert.equal(await shown('--on', 'no-such-computer'), [])
    const whole = JSON.parse((await look({ dir, env }, ['--json', '--limit', '1'])).stdout)
    assert.equal(whole, [JSON.parse((await look({ dir, env }, ['show', String(plain), '--format', 'json'])).stdout)])
    assert.is((await look({ dir, env }, ['--since', 'x'])).status, 2)
    const table = await look({ dir, env }, ['--format', 'table', '--limit', '1'])
    assert.match(table.stdout, /^id +startedAt +task +outcome/)
    await withKept(FILES, async (other) => {
      assert.equal((await look({ dir: other.dir, env }, [])).stdout, '')
      assert.is(lines(await look({ dir: other.dir, env }, ['--all'])).length, 3)
      const elsewhere = await look({ dir: other.dir, env }, ['again', String(plain)])
      assert.equal([elsewhere.status, elsewhere.stdout], [2, ''])
      assert.ok(elsewhere.stderr.includes(`it ran in ${quotedPath(dir)}. Do it there.`), elsewhere.stderr)
    })()
    assert.equal(lines(await run(['runs', 'again', String(plain)])), [['a b', '--x']] as never)
  }),
)

runs(
  'runs show tells all that is kept, by the beginning of an ID',
  withKept(FILES, async ({ dir, env, records }) => {
    await task({ dir, env }, ['count', '--since', '2026-11-01'])
    const [record] = records()
    const id = record!.id.slice(0, 4)
    const { v, ...kept } = record!
    assert.equal(
      JSON.parse((await look({ dir, env }, ['show', id, '--format', 'json'])).stdout),
      JSON.parse(JSON.stringify(kept)),
    )
    const unknown = await look({ dir, env }, ['show', 'zzzzzzzzz'])
    assert.is(unknown.status, 2)
    assert.match(unknown.stderr, 'Cannot find the run "zzzzzzzzz"')
    const ambiguous = await look({ dir, env }, ['show', ''])
    assert.is(ambiguous.status, ambiguous.stdout === '' ? 2 : 0)
  }),
)

runs(
  'runs again repeats a run with its arguments, its profile and its dry run, and is a run itself',
  withKept(FILES, async ({ dir, env, run, records }) => {
    const last = () => records().at(-1)!.id
    const made = await task({ dir, env }, [
      ...['count', '--since', '2026-11-01', '--names', 'a b', '--names=--x', '--dry-run'],
    ])
    const again = await run(['runs', 'again', last()])
    assert.equal([again.status, again.stdout], [0, made.stdout], again.stderr)
    assert.equal(lines(again), [{ since: 2026, names: ['a b', '--x'], profile: 'default', dryRun: true }])
    const [before, after] = records().slice(-2)
    assert.equal([after?.args, after?.task, after?.dryRun], [before?.args, 'count', true])
    assert.is.not(after?.id, before?.id)
    await run(['run', 'scripts/loose.ts', 'c'])
    assert.is((await look({ dir, env }, ['again', last()])).status, 7, 'a file that is no task can write')
    assert.equal(lines(await run(['runs', 'again', last(), '--yes'])), [['c']] as never)
    await task({ dir, env }, ['writes', '--dry-run'])
    assert.is((await look({ dir, env }, ['again', last()])).status, 0, 'a dry run changes nothing')
    await task({ dir, env }, ['both', '--yes'])
    assert.is((await look({ dir, env }, ['again', last(), '--yes'])).status, 0)
  }),
)

runs(
  'runs again of what can write asks first, and goes through the guards of any run',
  withKept({ ...FILES, '.env.prod': PROTECTED }, async ({ dir, env, records }) => {
    await task({ dir, env }, ['writes', '--profile', 'prod', '--confirm', 'prod', '--fail'])
    const { id, profile, outcome } = records().at(-1)!
    assert.equal([profile, outcome], ['prod', 'failed'])
    const asked = await look({ dir, env }, ['again', id, '--confirm', 'prod'])
    assert.is(asked.status, 7, asked.stderr)
    assert.match(
      asked.stderr,
      /"writes\\" can write, and its run of \S+Z \(profile \\"prod\\"\) ended: failed\. Run it again\?/,
    )
    assert.match(asked.stderr, 'Run it with --yes to answer yes.')
    const refused = await look({ dir, env }, ['again', id, '--yes'])
    assert.is(refused.status, 7, refused.stderr)
    assert.match(refused.stderr, 'the profile "prod" is protected')
    const confirmed = await look({ dir, env }, ['again', id, '--yes', '--confirm', 'prod'])
    assert.match(confirmed.stderr, 'it broke')
    const other = await look({ dir, env }, ['again', id, '--profile', 'sandbox'])
    assert.equal([other.status, other.stdout], [2, ''])
    assert.match(other.stderr, 'it had "prod"')
  }),
)

runs(
  'runs again says what it cannot repeat, and why',
  withKept(FILES, async ({ dir, env, run, records }) => {
    const unrepeated = async (told: string, entries = ENTRIES) => {
      const { status, stdout, stderr } = await look({ dir, env }, ['again', records().at(-1)!.id], {}, entries)
      assert.equal([status, stdout], [2, ''])
      assert.ok(stderr.includes(told), stderr)
    }
    await task({ dir, env }, ['count', '--key', 'not-for-a-file'])
    await unrepeated('an argument was a secret and was not kept. Run it by its name: `')
    await task({ dir, env }, ['count', '--sinse', '2026'])
    await unrepeated('it ended before its arguments were accepted')
    await run(['run', 'scripts/plain.ts', 'x'.repeat(9000)])
    await unrepeated('its arguments were too long to be kept')
    await task({ dir, env }, ['both'])
    await unrepeated('the task "both" is no longer in tasks.ts', `count: { script: './scripts/count.ts' }`)
    await task({ dir, env }, ['count', '--names', 'a'])
    writeFileSync(`${dir}/scripts/count.ts`, "console.log('plain')")
    await unrepeated('is now a plain file')
    mkdirSync(`${dir}/.wfg`)
    for (const path of ['.wfg/made.ts', 'scripts/loose.ts'])
      writeFileSync(`${dir}/${path}`, "import { defineScript } from '#wfg'\nexport default defineScript({ run() {} })")
    await task({ dir, env }, ['run', '.wfg/made.ts'])
    await unrepeated(`the file ".wfg/made.ts" is not part of this project`)
    await task({ dir, env }, ['run', 'scripts/loose.ts'])
    rmSync(`${dir}/scripts/loose.ts`)
    await unrepeated('no longer exists')
  }),
)

runs(
  'a run is there while it goes on, and one that was killed is interrupted and can be run again',
  withKept(FILES, async ({ dir, env, run }) => {
    const started = running(join(dir, 'tasks.ts'), ['waits', '--name', 'a'], { cwd: dir, home: env['HOME']!, env })
    await started.shows(/waits/)
    const shown = async (...more: string[]) =>
      lines(await look({ dir, env }, more)).map(({ task, outcome, exitCode, durationMs }) => [
        task,
        outcome,
        exitCode,
        durationMs,
      ])
    assert.equal(await shown(), [['waits', 'running', null, null]])
    assert.equal(await shown('--failed'), [])
    const [{ id } = {}] = lines(await look({ dir, env }, []))
    const early = await look({ dir, env }, ['again', String(id)])
    assert.equal([early.status, early.stdout], [7, ''])
    assert.match(early.stderr, /it still runs on \S+\. Wait until it has ended\./)
    started.signal('SIGKILL')
    await started.ended
    assert.equal(await shown(), [['waits', 'interrupted', null, null]])
    assert.equal(await shown('--failed'), [['waits', 'interrupted', null, null]])
    const killed = JSON.parse((await look({ dir, env }, ['show', String(id), '--format', 'json'])).stdout)
    assert.equal(
      [killed.args, killed.error.message],
      [{ name: 'a' }, 'the process ended without a record: it was killed, or the computer stopped'],
    )
    const again = await run(['runs', 'again', String(id), '--timeout', '1'])
    assert.is(again.status, 124, again.stderr)
    assert.equal(
      (await shown()).map(([, outcome]) => outcome),
      ['timed out', 'interrupted'],
    )
  }),
)

runs(
  'four runs at once, half of them killed, are all there',
  withKept(FILES, async ({ dir, env }) => {
    if (UNDER_WINE) return notRun(SLOW_UNDER_WINE)
    const all = Array.from({ length: 4 }, (_, index) =>
      running(
        join(dir, 'tasks.ts'),
        index % 2 === 0 ? ['count', '--names', `n${index}`] : ['waits', '--name', `n${index}`],
        { cwd: dir, home: env['HOME']!, env, limitMs: 110_000 },
      ),
    )
    await Promise.all(
      all.map(async (each, index) => {
        if (index % 2 === 0) return each.ended
        await each.shows(/waits/)
        each.signal('SIGKILL')
        return each.ended
      }),
    )
    const found = lines(await look({ dir, env }, ['--limit', '50'])).map(({ task, outcome }) => `${task} ${outcome}`)
    assert.equal(found.sort(), [...Array(2).fill('count done'), ...Array(2).fill('waits interrupted')])
  }),
)

runs(
  'runs refuses what it does not know, and says where no runs are kept',
  withKept(FILES, async ({ dir, env }) => {
    for (const args of [
      ['shwo', 'x'],
      ['show'],
      ['again'],
      ['show', 'a', 'b'],
      ['show', 'a', '--failed'],
      ['--limit', '0'],
    ]) {
      const { status, stdout } = await look({ dir, env }, args)
      assert.equal([status, stdout], [2, ''], args.join(' '))
    }
    const { status, stderr } = await look({ dir, env }, [], { WFG_TOKEN_CACHE: 'off' })
    assert.is(status, 0)
    assert.match(stderr, 'No runs are kept here')
  }),
)

runs(
  '--keep keeps what a run by hand prints, also by console, without its secrets',
  withKept(
    {
      ...FILES,
      'tasks.ts': tasksOf(`${ENTRIES}, prints: { script: './scripts/prints.ts', access: 'read' }`),
      'scripts/prints.ts': `import { defineScript } from '#wfg'
import process from 'node:process'
export default defineScript({ run({ log }) {
  log('logged')
  console.log('the-secret-of-it', { a: 1 })
  process.stderr.write(new TextEncoder().encode('bytes ü\\n'))
  return [{ secret: 'the-secret-of-it' }]
} })`,
    },
    async ({ dir, env, run, records }) => {
      const show = async (flag: string) => look({ dir, env }, ['show', records().at(-1)!.id, flag])
      const made = await run(['prints', '--keep', '--out', 'rows.csv'])
      assert.equal([made.status, made.stdout], [0, ''], made.stderr)
      assert.is((await show('--log')).stdout, 'logged\n[redacted] { a: 1 }\nbytes ü\n')
      assert.match(
        (await show('--output')).stderr,
        'printed nothing to standard output; a result with --out is in its file',
      )
      await run(['prints', '--keep'])
      assert.is((await show('--output')).stdout, '{"secret":"[redacted]"}\n')
      await run(['plain', 'x', '--keep'])
      assert.is((await show('--output')).stdout, '["x"]\n')
      await run(['plain', 'x'])
      const unkept = await show('--output')
      assert.is(unkept.status, 2)
      assert.match(unkept.stderr, 'what a run by hand prints is kept only with --keep')
      const nowhere = await run(['plain', 'x', '--keep'], { env: { WFG_TOKEN_CACHE: 'off' } })
      assert.match(nowhere.stderr, 'warning: what this run prints is not kept: WFG_TOKEN_CACHE is off')
    },
  ),
)

runs.run()
