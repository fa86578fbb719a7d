import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../../runtime/core/errors.ts'
import type { Sql } from '../../../runtime/queue/database/sql.ts'
import { checkEngineSchema } from '../../../runtime/queue/store/engine_schema.ts'
import { hasTable } from '../../../runtime/queue/store/tables.ts'
import { rejects } from '../../_assert.ts'
import { needs, SLOW_UNDER_WINE, UNDER_WINE } from '../../_not_run.ts'
import { newJob, newWorker, onPglite, type Testbed } from './_store.ts'

const engineSchema = needs(!UNDER_WINE, SLOW_UNDER_WINE, suite('engine_schema'))

/** Version of the tables that the installed engine made, and one of the other engine. */
async function versions(sql: Sql): Promise<{ own: number; other: number }> {
  const [row] = await sql.query<{ version: number }>('SELECT version FROM wfg_queue.version')
  return { own: row!.version, other: row!.version < 25 ? 46 : 24 }
}

/** One for all tests, the last of which puts its tables aside. */
let bed: Testbed
let sql: Sql

engineSchema.before(async () => {
  bed = await onPglite()
  sql = bed.sql
})

engineSchema.after(() => bed.close())

engineSchema('tables of the installed engine, or an older one of its kind, are left to it', async () => {
  const { own } = await versions(sql)
  await checkEngineSchema(sql, own)
  if (own >= 25) await checkEngineSchema(sql, own + 1)
  assert.is(await hasTable(sql, 'wfg_queue', 'job'), true)
})

engineSchema('tables of a newer engine of the same kind are refused', async () => {
  const { own } = await versions(sql)
  const error = await rejects(checkEngineSchema(sql, own - 1 || 1), { instance: ConfigError })
  assert.match(error.message, `its tables have version ${own}`)
})

engineSchema('tables of the other engine are refused while a job waits in them or a worker lives', async () => {
  const { other } = await versions(sql)
  const store = await bed.open()
  const { id } = await store.enqueue(newJob('waits'))
  const error = await rejects(checkEngineSchema(sql, other), { instance: ConfigError })
  assert.match(error.message, /its tables are of pg-boss 1[02], and pg-boss 1[02], which is installed here, cannot/)
  assert.match(error.message, 'jobs still to be run: 1, workers that live: 0')
  await store.drop(id)
  await store.register(newWorker())
  assert.match((await rejects(checkEngineSchema(sql, other))).message, 'to be run: 0, workers that live: 1')
  await store.close()
})

engineSchema('tables of the other engine in which nothing is to be done are put aside, not dropped', async () => {
  const { other } = await versions(sql)
  await checkEngineSchema(sql, other)
  assert.is(await hasTable(sql, 'wfg_queue', 'job'), false)
  const aside = await sql.query(
    "SELECT 1 FROM pg_tables WHERE schemaname LIKE 'wfg\\_queue\\_2%' AND tablename = 'job'",
  )
  assert.is(aside.length, 1)
  await checkEngineSchema(sql, other)
})

engineSchema.run()
