/** Indexes on the engine's table of jobs, so that a long queue costs no more than a short one. */
import type { Sql } from '../database/sql.ts'
import { ENGINE_SCHEMA } from './tables.ts'

/** Creates those that are missing. The engine creates them for the tables of later queues. */
export async function prepareIndexes(sql: Sql): Promise<void> {
  const isThere = async () => {
    const text = 'SELECT 1 FROM pg_indexes WHERE schemaname = $1 AND indexname LIKE $2'
    return (await sql.query(text, [ENGINE_SCHEMA, 'job\\_wfg\\_%'])).length >= Object.keys(INDEXES).length
  }
  if (await isThere()) return
  await sql.transaction(async () => {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('wfg.tables', 0))")
    if (await isThere()) return
    for (const [name, columns] of Object.entries(INDEXES)) {
      await sql.query(`CREATE INDEX IF NOT EXISTS job_wfg_${name} ON ${ENGINE_SCHEMA}.job ${columns}`)
    }
  })
}

// --- internal ---

const INDEXES = {
  active: "(started_on) WHERE state = 'active'",
  fetch: "(name, priority DESC, created_on, id) WHERE state < 'active'",
  id: '(id)',
  list: "((state = 'completed'), (state = 'created'), created_on DESC, id)",
}
