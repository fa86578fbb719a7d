/** What the runs of a worker print is kept, and shown while they run and afterwards, on this computer and on others. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { APPLICATIONS } from '../../runtime/sandbox/identity/applications.ts'
import { homeEnv } from '../_cli.ts'
import { NO_SIGNALS, needs, notRun, SENDS_SIGNALS } from '../_not_run.ts'
import { startPostgres } from '../_postgres.ts'
import { running } from '../cli/_running.ts'
import { kill, LIMIT_MS, stop, until, withOffice } from './_office.ts'

const kept = needs(SENDS_SIGNALS, NO_SIGNALS, suite('cli/queue/kept_runs'))

/** What the sandbox takes, so that a run gets a token. */
const SECRET = APPLICATIONS.scripts.clientSecret
const ENTRIES = `
  tells: { script: './scripts/tells.ts', access: 'read' },
  waits: { script: './scripts/waits.ts', access: 'read' },
  timed: { script: './scripts/timed.ts', access: 'read', schedule: { cron: '* * * * *', tz: 'Asia/Tokyo', out: 'made/{date}/{time}-{id}.csv' } },`
const SCRIPTS = {
  // Prints its token in every way that a script has.
  tells: `import { spawnSync } from 'node:child_process'
export default defineScript({ async run({ token, log }) {
  const value = await token.get()
  log('log ' + value)
  console.log('console ' + value)
  spawnSync(process.execPath, ['-e', 'console.error("program", process.env.TOLD)'], { env: { ...process.env, TOLD: value }, stdio: 'inherit' })
  process.stderr.write('half ' + value.slice(0, 40))
  await new Promise((resolve) => setTimeout(resolve, 700))
  process.stderr.write(value.slice(40) + '\\n')
  process.stdout.write('direct ' + value + '\\n')
  console.log('\\n\\u001b[31mred\\u001b[0m\\n')
  return [{ value }, { made: value.length }]
} })`,
  // Goes on when a file is there.
  waits: `import { existsSync } from 'node:fs'
export default defineScript({ args: v.object({ file: v.string() }), async run({ args, log }) {
  log('before')
  console.log('${SECRET}')
  while (!existsSync(new URL('../' + args.file, import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 50))
  log('after')
  return [{ done: args.file }]
} })`,
  timed: `export default defineScript({ run: () => [{ a: 1 }] })`,
}

/** The texts of all files below the folder. */
function textsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}

kept('a token that a run prints in whatever way is masked, and --follow shows a run while it goes on', () =>
  withOffice(
    [ENTRIES, SCRIPTS, { WFG_CLIENT_SECRET: SECRET }],
    async ({ dir, enqueue, here, worker: start, write }) => {
      const worker = await start(['--profile', 'sandbox'])
      const id = await enqueue('tells', '--profile', 'sandbox')
      const followed = await enqueue('waits', '--file', 'go')
      await worker.shows(new RegExp(`done tells ${id.slice(0, 8)}`))
      const show = async (...args: string[]) => (await here(['runs', 'show', id, ...args])).stdout
      const log = await show('--log')
      assert.is(
        log.slice(log.indexOf('log ')),
        'log [redacted]\nconsole [redacted]\nprogram [redacted]\nhalf [redacted]\n\n\u001b[31mred\u001b[0m\n\n',
      )
      const output = await show('--output')
      assert.match(output, /^direct \[redacted\]\n\{"value":"\[redacted\]"\}\n\{"made":\d+\}\n$/)
      const sizes = { output: output.length, log: Buffer.byteLength(log) }
      assert.equal(JSON.parse(await show('--format', 'json')).kept, sizes)

      const begun = async (run: string) =>
        (await here(['runs', 'show', run, '--log', '--quiet'])).stdout.includes('before') ? true : undefined
      await until('it runs', () => begun(followed))
      const more = { cwd: dir, home: join(dir, 'home'), limitMs: LIMIT_MS }
      const following = running(join(dir, 'tasks.ts'), ['runs', 'show', followed, '--log', '--follow'], more)
      await following.shows(/before\n\[redacted\]\n/)
      write('go', '')
      const { status, stdout } = await following.ended
      assert.equal([status, stdout], [0, 'before\n[redacted]\nafter\n'])
      assert.is((await here(['runs', 'show', followed, '--output'])).stdout, '{"done":"go"}\n')

      const cut = await enqueue('waits', '--file', 'never')
      await until('it runs', () => begun(cut))
      await kill(worker)
      const left = await here(['runs', 'show', cut, '--log'])
      assert.equal([left.status, left.stdout], [0, 'before\n[redacted]\n'])
      const both = await here(['runs', 'show', cut, '--log', '--output'])
      assert.is(both.status, 2)
      assert.is((await here(['runs', 'show', cut, '--follow'])).status, 2)
      assert.is((await here(['runs', '--log'])).status, 2)
      for (const text of textsBelow(join(dir, 'home')))
        assert.not(text.includes('half eyJ') || text.includes('log eyJ'))
    },
  ),
)

kept('on PostgreSQL another computer shows it too; "out" of a schedule is written in its zone', async () => {
  const postgres = await startPostgres()
  if (!postgres) return notRun('a fleet needs PostgreSQL')
  const env = { WFG_DATABASE_URL: postgres.url, WFG_CLIENT_SECRET: SECRET }
  try {
    await withOffice([ENTRIES, SCRIPTS, env], async ({ dir, enqueue, here, handledUntil, worker: start, write }) => {
      const elsewhere = join(dir, 'elsewhere')
      mkdirSync(elsewhere)
      const there = (...args: string[]) => here(['runs', 'show', ...args], homeEnv(elsewhere))
      const id = await enqueue('waits', '--file', 'go')
      await handledUntil('timed', new Date(Date.now() - 59_000))
      const worker = await start(['--profile', 'sandbox'])
      await until('it is in the database', async () =>
        (await there(id, '--log')).stdout === 'before\n[redacted]\n' ? true : undefined,
      )
      const followed = there(id, '--output', '--follow')
      write('go', '')
      assert.is((await followed).stdout, '{"done":"go"}\n')
      assert.not(existsSync(join(elsewhere, '.local')))
      assert.match((await there(id, '--format', 'json')).stdout, /"kept":\s*\{\s*"output":\s*14,\s*"log":\s*\d+/)

      await worker.shows(/done timed /)
      const [day] = readdirSync(join(dir, 'made'))
      const [file] = readdirSync(join(dir, 'made', day!))
      await stop(worker)
      const [, time, run] = /^(\d{4})-([0-9a-f-]{36})\.csv$/.exec(file!) ?? []
      const [, row] = /^a\n(1)\n$/.exec(readFileSync(join(dir, 'made', day!, file!), 'utf8')) ?? []
      assert.is(row, '1')
      // Tokyo is nine hours ahead, and has no summer time.
      const due = new Date(`${day}T${time!.slice(0, 2)}:${time!.slice(2)}:00+09:00`)
      assert.ok(Math.abs(due.getTime() - Date.now()) < 30 * 60_000, String(due))
      assert.match((await there(run!)).stdout, '"task":"timed"')
    })
  } finally {
    await postgres.remove()
  }
})

kept.run()
