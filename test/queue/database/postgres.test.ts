import { setTimeout } from 'node:timers/promises'
import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, TransportError } from '../../../runtime/core/errors.ts'
import { openPostgres } from '../../../runtime/queue/database/postgres.ts'
import { openStore } from '../../../runtime/queue/store/open_store.ts'
import { hides, rejects } from '../../_assert.ts'
import { notRun } from '../../_not_run.ts'
import { type Postgres, startPostgres } from '../../_postgres.ts'
import { until } from '../_office.ts'
import { beginJob, fetchJob, HASH, newJob, newWorker, storeHost } from '../store/_store.ts'

const postgres = suite('postgres')
let server: Postgres | undefined

postgres.before(async () => {
  server = await startPostgres()
})

postgres.after(async () => {
  await server?.remove()
})

function open(databaseUrl: string) {
  return openStore({ host: storeHost(), databaseUrl, folder: '/nowhere', role: 'worker' })
}

/** An error, with all that hangs on it. */
function allOf(error: Error): string {
  return [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), error.message, error.stack].join('\n')
}

postgres('the store goes on when the database goes away and comes back', async () => {
  if (!server) return notRun('postgres needs PostgreSQL')
  const store = await open(server.url)
  const worker = newWorker()
  await store.register(worker)
  const job = await beginJob(store, worker, newJob('survives'))
  const { id } = await store.enqueue(newJob('waits'))
  let told = 0
  await store.watch(() => told++)
  const release = await store.lock('key')
  await server.stop()
  const calls = {
    enqueue: () => store.enqueue(newJob('lost')),
    watch: () => store.watch(() => told++),
    waiting: () => store.waiting(),
    fetch: () => store.fetch('waits', HASH),
    begin: () => store.begin(job, worker),
    complete: () => store.complete(job, { exitCode: 0, durationMs: 1 }),
    fail: () => store.fail(job, { exitCode: 1, durationMs: 1 }),
    jobs: () => store.jobs(1),
    retry: () => store.retry(job.id),
    lock: () => store.lock('other'),
    renew: () => store.renew(worker),
    reap: () => store.reap(worker),
  }
  for (const [name, call] of Object.entries(calls)) {
    const error = await rejects(call, { instance: TransportError, code: 'WFG_NETWORK' })
    assert.match(error.message, `no answer from the database "postgres" on 127.0.0.1:${server.port}: `, name)
    hides(allOf(error), server.password, encodeURIComponent(server.password))
  }
  await rejects(open(server.url), { instance: TransportError })
  await server.start()
  await store.renew(worker)
  assert.equal(await store.reap(worker), [])
  assert.is(await store.lock('key'), undefined, 'it was given up')
  await release!()
  await store.complete(job, { exitCode: 0, durationMs: 1 })
  const waiting = await fetchJob(store, 'waits')
  assert.is(waiting.id, id)
  assert.not.ok((await store.jobs(10)).some(({ task }) => task === 'lost'))
  const before = told
  await store.watch(() => told++)
  await store.enqueue(newJob('told'))
  await until('it listens again', () => (told > before ? true : undefined))
  await store.close()
})

postgres('a connection that is cut fails only the call that waits for it', async () => {
  if (!server) return notRun('postgres needs PostgreSQL')
  const store = await open(server.url)
  const other = await open(server.url)
  const id = '11111111-1111-4111-8111-111111111111'
  await store.enqueue(newJob('cut', { id }))
  const cut = Promise.all(
    Array.from({ length: 20 }, () =>
      store.enqueue(newJob('cut', { id })).then(
        () => {},
        (error) => error,
      ),
    ),
  )
  await setTimeout(5)
  await server.stop()
  for (const error of (await cut).filter(Boolean)) assert.instance(error, TransportError)
  await server.start()
  assert.is((await store.enqueue(newJob('cut', { id }))).isNew, false)
  for (const each of [store, other]) await each.close()
})

postgres('an error in the URL, user or database is reported without the password', async () => {
  if (!server) return notRun('postgres needs PostgreSQL')
  const { port, password } = server
  const written = encodeURIComponent(password)
  const wrong: readonly (readonly [url: string, told: string | RegExp, secrets: string[]])[] = [
    [`postgres://wfg:secret-word@127.0.0.1:${port}/postgres`, 'password authentication failed', ['secret-word']],
    [`postgres://nobody:${written}@127.0.0.1:${port}/postgres`, /refused it: .*nobody/, [password, written]],
    [`postgres://wfg:${written}@127.0.0.1:${port}/nothing`, '"nothing" does not exist', [password, written]],
    [`postgres://wfg:${written}@127.0.0.1:${port}/postgres?sslmode=require`, /SSL/, [password, written]],
    [
      `postgres://wfg:pass/word@127.0.0.1:${port}/postgres`,
      'Cannot use WFG_DATABASE_URL: it cannot be read',
      ['pass/word'],
    ],
    [`mysql://wfg:hidden-word@127.0.0.1:${port}/x`, 'does not start with postgres://', ['hidden-word']],
  ]
  for (const [url, told, secrets] of wrong) {
    const error = await rejects(open(url))
    assert.match(error.message, told)
    assert.not.instance(error, TransportError)
    hides(allOf(error), ...secrets)
  }
  await rejects(open(`postgres://wfg:${written}@127.0.0.1:${port}/nothing`), { instance: ConfigError })
})

postgres('the server notices within seconds that a client is cut off', async () => {
  if (!server) return notRun('postgres needs PostgreSQL')
  const sql = await openPostgres(storeHost(), server.url)
  assert.equal(await sql.query('SHOW tcp_keepalives_idle'), [{ tcp_keepalives_idle: '5' }])
  assert.equal(await sql.query('SHOW tcp_keepalives_count'), [{ tcp_keepalives_count: '3' }])
  await sql.close()
})

postgres('a user who may not create schemas learns what to ask for', async () => {
  if (!server) return notRun('postgres needs PostgreSQL')
  const admin = await open(await server.createDatabase('strict'))
  await admin.close()
  const sql = await openPostgres(storeHost(), server.url)
  await sql.query("CREATE ROLE guest LOGIN PASSWORD 'guest-word'")
  await sql.close()
  const error = await rejects(open(`postgres://guest:guest-word@127.0.0.1:${server.port}/postgres`), {
    instance: ConfigError,
  })
  assert.match(error.message, /GRANT|schema wfg/)
})

postgres("both forms of a Unix socket's URL work, and postgresql:// works like postgres://", async () => {
  if (!server) return notRun('postgres needs PostgreSQL')
  const folder = encodeURIComponent(server.folder)
  for (const url of [
    `postgresql://wfg@${folder}:${server.port}/postgres`,
    `postgres:///postgres?host=${folder}&port=${server.port}&user=wfg`,
    `${server.url.replace('postgres:', 'postgresql:')}?sslmode=disable`,
  ]) {
    const store = await open(url)
    assert.ok(Array.isArray(await store.jobs(1)), url)
    await store.close()
  }
})

postgres("a team's own pg-boss in the same database is left alone", async () => {
  if (!server) return notRun('postgres needs PostgreSQL')
  const url = await server.createDatabase('shared')
  const sql = await openPostgres(storeHost(), url)
  await sql.query(
    'CREATE SCHEMA pgboss; CREATE TABLE pgboss.version (version int); INSERT INTO pgboss.version VALUES (20)',
  )
  const store = await open(url)
  await beginJob(store, newWorker(), newJob('beside'))
  assert.equal(await sql.query('SELECT version FROM pgboss.version'), [{ version: 20 }])
  const schemas = await sql.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY 1",
  )
  assert.equal(
    schemas.map(({ name }) => name),
    ['pgboss', 'public', 'wfg', 'wfg_queue'],
  )
  await store.close()
  await sql.close()
})

postgres('several first processes at once all find the tables made', async () => {
  if (!server) return notRun('postgres needs PostgreSQL')
  const url = await server.createDatabase('first')
  const stores = await Promise.all(Array.from({ length: 6 }, () => open(url)))
  const ids = await Promise.all(stores.map((store) => store.enqueue(newJob('first')).then(({ id }) => id)))
  assert.is(new Set(ids).size, 6)
  assert.is((await stores[0]!.jobs(10)).length, 6)
  for (const store of stores) await store.close()
})

postgres.run()
