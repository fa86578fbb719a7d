/** Several workers on a real PostgreSQL that die, lose it, and get it back. */
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPostgres } from '../../runtime/queue/database/postgres.ts'
import { openStore } from '../../runtime/queue/store/open_store.ts'
import { notRun } from '../_not_run.ts'
import { type Postgres, startPostgres } from '../_postgres.ts'
import { running } from '../cli/_running.ts'
import { kill, LIMIT_MS, type Office, stop, until, withOffice } from './_office.ts'
import { storeHost } from './store/_store.ts'

const fleet = suite('cli/queue/worker_fleet')

const MARK = `export default defineScript({
  args: v.object({ name: v.string(), ms: v.optional(v.number(), 0) }),
  async run({ args, signal }) {
    note('begin ' + args.name)
    await new Promise((resolve, reject) => {
      setTimeout(resolve, args.ms)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
    note('end ' + args.name)
  },
})`

/** Asks again and again until it is enough, and notes each step with its process. Only `paused` asks the server. */
const ASKS = `import { existsSync } from 'node:fs'
import process from 'node:process'
const enough = new URL('../enough', import.meta.url)
export default defineScript({
  args: v.object({ name: v.string(), ms: v.optional(v.number(), 0) }),
  async run({ args, wfg, signal }) {
    const step = (word) => note(word + ' ' + args.name + ' ' + process.pid)
    step('begin')
    signal.addEventListener('abort', () => step('cut'))
    for (const endMs = Date.now() + args.ms; Date.now() < endMs && !existsSync(enough); ) {
      if (args.name === 'paused') await wfg\`query { viewer { userName } }\`
      else signal.throwIfAborted()
      step('asked')
      await new Promise((resolve) => setTimeout(resolve, 400))
    }
    step('end')
  },
})`

const SECRETS = { WFG_CLIENT_SECRET: 'client-s3cret-word' }

/** One for all tests, each of which has a database of its own. */
let postgres: Postgres | undefined
let databases = 0

fleet.before(async () => {
  postgres = await startPostgres()
})
fleet.after(() => postgres?.remove())

async function withFleet(entries: string, check: (office: Office, server: Postgres) => Promise<void>): Promise<void> {
  if (!postgres) return notRun('a fleet needs PostgreSQL')
  // A test that failed may have stopped it.
  await postgres.start().catch(() => {})
  databases += 1
  const url = await postgres.createDatabase(`fleet_${databases}`)
  const env = { WFG_DATABASE_URL: url, WFG_PROFILE: 'sandbox', ...SECRETS }
  const server = { ...postgres, url }
  await withOffice([entries, { mark: MARK, leaks: LEAKS, loose: LEAKS, asks: ASKS, tell: TELL }, env], (office) =>
    check(office, server),
  )
}

const TELL = `export default defineScript({
  args: v.looseObject({ task: v.string(), exitCode: v.number() }),
  run: ({ args }) => note('told ' + args.task + ' ' + args.exitCode),
})`

/** Tries to have its secrets kept. */
const LEAKS = `import process from 'node:process'
export default defineScript({
  run() {
    throw new Error('broken with client-s3cret-word and ' + (process.env['WFG_DATABASE_URL'] ?? 'no database') + (process.env['WFG_CLIENT_SECRET'] ?? ''))
  },
})`

/** Every value of every table that is not PostgreSQL's own. */
async function everything(server: Postgres): Promise<string> {
  const sql = await openPostgres(storeHost(), server.url)
  try {
    const tables = await sql.query<{ name: string }>(
      "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'",
    )
    const rows = await Promise.all(
      tables.map(async ({ name }) => [name, await sql.query(`SELECT t::text AS row FROM ${name} AS t`)] as const),
    )
    return JSON.stringify(rows)
  } finally {
    await sql.close()
  }
}

async function runsOf(
  server: Postgres,
): Promise<{ task: string; args: { name: string }; attempt: number; outcome: string }[]> {
  const sql = await openPostgres(storeHost(), server.url)
  try {
    return await sql.query('SELECT task, args, attempt, outcome FROM wfg.run ORDER BY started_at')
  } finally {
    await sql.close()
  }
}

async function queueMany(office: Office, task: string, names: readonly string[], ms = 0): Promise<void> {
  for (let at = 0; at < names.length; at += 4) {
    await Promise.all(names.slice(at, at + 4).map((name) => office.enqueue(task, '--name', name, '--ms', String(ms))))
  }
}

async function drained(office: Office): Promise<Record<string, unknown>[]> {
  const look = async () => {
    const jobs = await office.queue()
    return jobs.every(({ state }) => state === 'dead') ? jobs : undefined
  }
  return until('nothing waits or runs', look, 2000)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function count(notes: readonly string[], prefix: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const note of notes) {
    if (!note.startsWith(prefix)) continue
    const name = note.slice(prefix.length)
    found.set(name, (found.get(name) ?? 0) + 1)
  }
  return found
}

/** More than a test can wait for are worth a night: `TEST_FLEET_RUNS=2000`. */
const NAMES = Array.from({ length: Number(process.env['TEST_FLEET_RUNS'] ?? 12) }, (_, index) => `job-${index}`)
const HALF = NAMES.length / 2

/** Queues one as a person does, and the others as copies of it, which takes a moment and not a process each. */
async function queueCopies(office: Office, server: Postgres, task: string, names: readonly string[]): Promise<void> {
  const id = await office.enqueue(task, '--name', names[0]!, '--ms', '300')
  const host = storeHost()
  const store = await openStore({ host, databaseUrl: server.url, folder: '', role: 'command' })
  try {
    const { hash, data } = (await store.jobs(1000)).find((job) => job.id === id)!
    const retryLimit = task === 'again' ? 50 : 0
    const limits = { retryLimit, retryDelaySeconds: 0, expireInSeconds: 3600 }
    for (const name of names.slice(1)) {
      await store.enqueue({ task, hash, ...limits, data: { ...data, args: { name, ms: 300 } } })
    }
  } finally {
    await store.close()
  }
}

fleet(
  'four workers run every job once, while some of them are killed: what ran then is interrupted, and only with retry repeated',
  () =>
    withFleet(
      `mark: { script: './scripts/mark.ts', access: 'read' },
  again: { script: './scripts/mark.ts', access: 'read', retry: { limit: 5 } },`,
      async (office, server) => {
        await queueCopies(office, server, 'mark', NAMES.slice(0, HALF))
        await queueCopies(office, server, 'again', NAMES.slice(HALF))
        const workers = await Promise.all(Array.from({ length: 4 }, () => office.worker()))
        const kills = Math.max(2, Math.floor(NAMES.length / 100))
        for (let index = 1; index <= kills; index++) {
          const enough = (index * NAMES.length) / (kills + 3)
          await until('they work', () => (count(office.notes(), 'begin ').size >= enough ? true : undefined))
          await kill(workers.shift()!)
          if (kills > 2) workers.push(await office.worker())
        }
        const dead = await drained(office)
        const runs = await runsOf(server)
        const interrupted = runs.filter(({ outcome }) => outcome === 'interrupted')
        assert.ok(interrupted.length > 0, 'some were killed while they ran')
        const lost = interrupted.filter(({ task }) => task === 'mark').map(({ args }) => args.name)
        const begun = count(office.notes(), 'begin ')
        const ended = count(office.notes(), 'end ')
        for (const name of NAMES) {
          const attempts = runs.filter(({ args }) => args.name === name)
          const done = attempts.filter(({ outcome }) => outcome === 'done').length
          assert.is(done, lost.includes(name) ? 0 : 1, name)
          assert.is((begun.get(name) ?? 0) <= attempts.length, true, `${name} began without a record`)
          if (attempts[0]!.task === 'mark') assert.is(attempts.length, 1, name)
          if (done === 1) assert.ok((ended.get(name) ?? 0) >= 1, name)
        }
        assert.equal(dead.map(({ args }) => (args as { name: string }).name).sort(), lost.sort())
        for (const job of dead) assert.match(String(job['error']), /the worker that ran it is gone or frozen/)
        const said = (await Promise.all(workers.map(stop))).join('')
        if (kills === 2) assert.is(said.match(/ interrupted \w+ /g)?.length, interrupted.length, 'each is told once')
      },
    ),
)

fleet(
  'a scheduled time is one job for all workers, one of them holds a key, and a run ends before another may repeat it when the database is away',
  () =>
    withFleet(
      `minutely: { script: './scripts/mark.ts', access: 'read', schedule: { cron: '* * * * *', args: { name: 'clock' } } },
  mark: { script: './scripts/mark.ts', access: 'read' },
  again: { script: './scripts/mark.ts', access: 'read', retry: { limit: 1 } },
  'key-a': { script: './scripts/mark.ts', access: 'read', concurrencyKey: 'k' },
  'key-b': { script: './scripts/mark.ts', access: 'read', concurrencyKey: 'k' },`,
      async (office, server) => {
        const fromMs = Date.now() - 59_000
        await office.handledUntil('minutely', new Date(fromMs))
        const workers = await Promise.all([office.worker(['--grace', '0']), office.worker(['--grace', '0'])])
        await until('the clock', () => office.notes().find((note) => note === 'end clock'))
        const seenMs = Date.now()
        await queueMany(office, 'key-a', ['key', 'key'], 400)
        await queueMany(office, 'key-b', ['key', 'key'], 400)
        await until('the keyed ones', () => (count(office.notes(), 'end ').get('key') === 4 ? true : undefined))
        const keyed = office.notes().filter((note) => note.endsWith(' key'))
        for (const [index, note] of keyed.entries()) assert.is(note, index % 2 === 0 ? 'begin key' : 'end key')

        await setTimeout(Math.max(0, seenMs + 3000 - Date.now())) // for a second one of the same minute
        const times = (await runsOf(server)).filter(({ task }) => task === 'minutely')
        const minutes = Math.floor(Date.now() / 60_000) - Math.floor(fromMs / 60_000)
        assert.ok(times.length > 0 && times.length <= minutes, JSON.stringify(times))

        await queueMany(office, 'again', ['repeatable'], 60_000)
        await queueMany(office, 'mark', ['through'], 16_000)
        const begun = (name: string, times: number) => () =>
          count(office.notes(), 'begin ').get(name) === times ? true : undefined
        for (const name of ['repeatable', 'through']) await until(`${name} runs`, begun(name, 1))
        await server.stop()
        const said = (pattern: RegExp) => () => workers.find(({ stderr }) => pattern.test(stderr))
        await until('it is missed', () =>
          workers.every(({ stderr }) => /error: .*database/i.test(stderr)) ? true : undefined,
        )
        const away = await office.here(['enqueue', 'mark', '--name', 'away'])
        assert.is(away.status, 4, away.stderr)
        await until(
          'its lease is over',
          said(/again \S+ is stopped: without the database this worker counts as dead, and another worker may/),
        )
        await until('it is ended', said(/interrupted again /))
        await server.start()
        await queueMany(office, 'mark', ['after'])
        await until('it works again', () => office.notes().find((note) => note === 'end after'))
        await until('it is repeated', begun('repeatable', 2))
        // Its worker may have looked for the database a moment before it was back.
        const through = await until('the end of the other is recorded', async () => {
          const found = (await runsOf(server)).filter(({ args }) => args.name === 'through')
          return found.every(({ outcome }) => outcome !== 'running') ? found : undefined
        })
        assert.equal(
          through.map(({ outcome }) => outcome),
          ['done'],
        )
        assert.is(count(office.notes(), 'begin ').get('through'), 1)
        for (const text of await Promise.all(workers.map(stop))) assert.not.match(text, /error: (?!.*database)/i)
        assert.is(office.notes().includes('end repeatable'), false)
      },
    ),
)

fleet(
  'a frozen worker loses its jobs after its runs have ended: repeated with retry, else marked; awake, it says so',
  () =>
    withFleet(
      `again: { script: './scripts/asks.ts', access: 'read', retry: { limit: 1 } },
  paused: { script: './scripts/asks.ts', access: 'read', retry: { limit: 1 } },
  keyed: { script: './scripts/asks.ts', access: 'read', concurrencyKey: 'k' },
  once: { script: './scripts/asks.ts', access: 'read', onFailure: 'tell' },
  tell: { script: './scripts/tell.ts', access: 'read' },`,
      async (office, server) => {
        if (process.platform === 'win32') return notRun('no process is frozen on Windows')
        const frozen = await office.worker(['--concurrency', '4'])
        await Promise.all(['again', 'paused', 'keyed', 'once'].map((name) => queueMany(office, name, [name], 600_000)))
        const step = (word: string, name: string) =>
          office.notes().findIndex((note) => note.startsWith(`${word} ${name} `))
        const pidOf = (index: number) => Number(office.notes()[index]!.split(' ')[2])
        await until('all ask', () =>
          ['again', 'paused', 'keyed', 'once'].every((name) => step('asked', name) >= 0) ? true : undefined,
        )
        const paused = pidOf(step('begin', 'paused'))
        process.kill(paused, 'SIGSTOP')
        frozen.signal('SIGSTOP')
        const other = await office.worker(['--concurrency', '4'])
        for (const name of ['again', 'paused', 'keyed', 'once']) {
          await other.shows(new RegExp(`interrupted ${name} .* is gone or frozen`))
        }
        await queueMany(office, 'keyed', ['next'])
        await until('the next of the key', () => (step('end', 'next') >= 0 ? true : undefined))
        await until('somebody is told', () => office.notes().find((note) => note === 'told once 143'))
        await until('both begin again', () =>
          ['again', 'paused'].every((name) => count(office.notes(), `begin ${name} `).size === 2) ? true : undefined,
        )
        for (const [name, next] of [
          ['again', 'again'],
          ['keyed', 'next'],
        ] as const) {
          const begun = office.notes().findLastIndex((note) => note.startsWith(`begin ${next} `))
          const last = office.notes().findLastIndex((note) => note.endsWith(` ${name} ${pidOf(step('begin', name))}`))
          assert.ok(last < begun, `${name} ended before ${next} began`)
        }
        assert.equal(
          (await office.queue())
            .filter(({ state }) => state === 'dead')
            .map(({ task }) => task)
            .sort(),
          ['keyed', 'once'],
        )
        const before = office.notes().length
        process.kill(paused, 'SIGCONT')
        await setTimeout(2000)
        frozen.signal('SIGCONT')
        await until('it has ended', () => (isRunning(paused) ? undefined : true))
        const after = office.notes().slice(before)
        const asked = after.filter((note) => note === `asked paused ${paused}`)
        assert.ok(asked.length <= 1, 'it sends nothing more')
        await frozen.shows(/This worker was silent for \d+ s, so another one took its jobs\./)
        await frozen.shows(/once \S+ goes on, but counts as interrupted until it ends; nobody repeats it/)
        office.write('enough', '')
        await frozen.shows(/once \S+: the job was no longer this worker's when its run ended/)
        const runs = (await runsOf(server)).filter(({ task }) => task === 'once')
        assert.equal(
          runs.map(({ attempt, outcome }) => [attempt, outcome]),
          [[0, 'done']],
        )
        assert.is(
          (await office.queue()).some(({ task }) => task === 'once'),
          false,
          'nobody can repeat it',
        )
        assert.is(count(office.notes(), 'begin once ').size, 1)
        assert.is(office.notes().filter((note) => note.startsWith('told ')).length, 1)
        for (const worker of [frozen, other]) await kill(worker)
      },
    ),
)

fleet(
  '`runs` shows on every computer what ran by workers and by hand, without a secret, also while the database is away',
  () =>
    withFleet(
      `leaks: { script: './scripts/leaks.ts', access: 'read' }, mark: { script: './scripts/mark.ts', access: 'read' },`,
      async (office, server) => {
        const worker = await office.worker(['--verbose'])
        const leaks = await office.enqueue('leaks')
        await worker.shows(new RegExp(`failed leaks ${leaks.slice(0, 8)} .*broken with \\[redacted\\] and no database`))
        const recorded = async () => (await office.queue())[0]?.['error'] ?? undefined
        assert.match(String(await until('it is recorded', recorded)), /broken with \[redacted\] and no database/)
        const id = await office.enqueue('mark', '--name', 'queued')
        await worker.shows(new RegExp(`done mark ${id.slice(0, 8)}`))
        const said = [await stop(worker), (await office.here(['queue', '--json'])).stdout, await everything(server)]
        const secrets = [SECRETS.WFG_CLIENT_SECRET, server.password, encodeURIComponent(server.password)]
        for (const text of said) {
          for (const secret of secrets) assert.is(text.includes(secret), false, text)
          assert.match(text, /broken with/)
        }
        const byHand = await office.run(['mark', '--name', 'typed'])
        assert.equal([byHand.status, byHand.stderr], [0, ''])
        const direct = await office.run(['run', 'scripts/loose.ts'])
        assert.is(direct.status, 1)
        const elsewhere = join(office.dir, 'elsewhere')
        const shown = await office.here(['runs', '--format', 'json'], { HOME: elsewhere })
        const rows = JSON.parse(shown.stdout) as Record<string, unknown>[]
        assert.equal(
          rows.map(({ task, outcome, exitCode }) => [task, outcome, exitCode]),
          [
            ['scripts/loose.ts', 'failed', 1],
            ['mark', 'done', 0],
            ['mark', 'done', 0],
            ['leaks', 'failed', 1],
          ],
        )
        for (const [choice, task] of [
          [['--task', 'scripts/loose.ts'], 'scripts/loose.ts'],
          [['--task', 'mark'], 'mark'],
          [['--failed'], 'scripts/loose.ts'],
        ] as const) {
          const last = await office.here(['runs', ...choice, '--limit', '1', '--format', 'json'], { HOME: elsewhere })
          assert.equal(
            (JSON.parse(last.stdout) as Record<string, unknown>[]).map((row) => row['task']),
            [task],
          )
        }
        const here = JSON.parse((await office.here(['runs', '--format', 'json'])).stdout) as Record<string, unknown>[]
        assert.equal(
          here.map((row) => row['id']),
          rows.map((row) => row['id']),
          'and none twice',
        )
        assert.is((await office.run(['runs', 'again', String(rows[1]?.['id'])], { HOME: elsewhere })).status, 0)
        assert.is(count(office.notes(), 'end ').get('typed'), 2)
        assert.is((await office.run(['mark', '--name', SECRETS.WFG_CLIENT_SECRET])).status, 0)
        const [masked] = JSON.parse((await office.here(['runs', '--format', 'json'], { HOME: elsewhere })).stdout)
        const refused = await office.here(['runs', 'again', String(masked.id)], { HOME: elsewhere })
        assert.is(refused.status, 2)
        assert.match(refused.stderr, 'an argument was a secret and was not kept')
        const typed = running(join(office.dir, 'tasks.ts'), ['mark', '--name', 'killed', '--ms', '600000'], {
          ...{ cwd: office.dir, home: join(office.dir, 'home'), limitMs: LIMIT_MS },
          env: { WFG_DATABASE_URL: server.url, WFG_PROFILE: 'sandbox' },
        })
        const seen = async () =>
          JSON.parse((await office.here(['runs', '--limit', '1', '--format', 'json'], { HOME: elsewhere })).stdout)[0]
            .outcome
        await until('it began', () => office.notes().find((note) => note === 'begin killed'))
        await until('its start is seen', async () => ((await seen()) === 'running' ? true : undefined), 500)
        await kill(typed)
        assert.equal([await seen(), await seen()], ['interrupted', 'interrupted'])
        const outcomes = (await runsOf(server))
          .filter(({ args }) => args?.name === 'killed')
          .map(({ outcome }) => outcome)
        assert.equal(outcomes, ['interrupted'], 'and other computers are told')
        await server.stop()
        const alone = await office.here(['runs', '--format', 'json'])
        assert.is(alone.status, 0)
        assert.match(alone.stderr, /warning: the runs of the workers are left out: /)
        assert.ok((JSON.parse(alone.stdout) as unknown[]).length >= 3)
        await server.start()
      },
    ),
)

fleet.run()
