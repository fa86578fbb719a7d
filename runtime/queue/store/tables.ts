/** The tables of the schema `wfg`: runs and what they printed, workers, locks, and up to when schedules were handled. */
import { ConfigError } from '../../core/errors.ts'
import type { Sql } from '../database/sql.ts'

/** The engine's schema. A team may have its own pg-boss in the same database. */
export const ENGINE_SCHEMA = 'wfg_queue'

/** Tells the workers that a job may be due. Inside a transaction, when that is done. */
export const NOTIFY = `SELECT pg_notify('${ENGINE_SCHEMA}', '')`

/**
 * Creates or updates the tables. Many processes may do it at once.
 *
 * @throws {ConfigError} if a newer version of this package made them
 */
export async function prepareTables(sql: Sql): Promise<void> {
  if ((await versionOf(sql)) === STEPS.length) return
  await sql.transaction(async () => {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('wfg.tables', 0))")
    const version = await versionOf(sql)
    if (version > STEPS.length) throw tooNew(version)
    for (const step of STEPS.slice(version)) await sql.query(step)
    await sql.query('UPDATE wfg.version SET version = $1', [STEPS.length])
  })
}

/** Reads the catalog, because `to_regclass` may give an outdated answer in a transaction that waited for a lock. */
export async function hasTable(sql: Sql, schema: string, table: string): Promise<boolean> {
  return (
    (await sql.query('SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = $2', [schema, table])).length > 0
  )
}

// --- internal ---

/** Each step updates the tables to the next version. A step that was released is never changed. */
const STEPS: readonly string[] = [
  `
  CREATE SCHEMA IF NOT EXISTS wfg;
  CREATE TABLE wfg.version (version int NOT NULL);
  INSERT INTO wfg.version VALUES (0);
  CREATE TABLE wfg.run (
    id text PRIMARY KEY,
    job_id uuid,
    attempt int,
    worker_id text,
    task text NOT NULL,
    profile text,
    args jsonb,
    hostname text NOT NULL,
    os_user text,
    acting_user text,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text NOT NULL,
    exit_code int,
    duration_ms float8,
    operations jsonb,
    error text,
    git_commit text,
    requeued boolean NOT NULL DEFAULT false,
    UNIQUE (job_id, attempt)
  );
  CREATE INDEX run_started_at ON wfg.run (started_at DESC);
  CREATE INDEX run_running ON wfg.run (worker_id) WHERE outcome = 'running';
  CREATE TABLE wfg.worker (
    id text PRIMARY KEY,
    hostname text NOT NULL,
    pid int NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
  );
  CREATE TABLE wfg.schedule (task text PRIMARY KEY, handled_until timestamptz NOT NULL)
  `,
  `
  CREATE TABLE wfg.lock (
    key text PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    worker_id text NOT NULL REFERENCES wfg.worker ON DELETE CASCADE
  );
  ALTER TABLE wfg.run ADD COLUMN process jsonb
  `,
  `
  CREATE TABLE wfg.kept (
    run_id text NOT NULL,
    stream text NOT NULL,
    at float8 NOT NULL,
    data bytea NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, stream, at)
  );
  CREATE INDEX kept_kept_at ON wfg.kept (kept_at)
  `,
  `
  ALTER TABLE wfg.run ADD COLUMN on_failure text;
  CREATE INDEX run_untold ON wfg.run (on_failure) WHERE on_failure IS NOT NULL AND outcome NOT IN ('running', 'done')
  `,
]

async function versionOf(sql: Sql): Promise<number> {
  if (!(await hasTable(sql, 'wfg', 'version'))) return 0
  const [row] = await sql.query<{ version: number }>('SELECT version FROM wfg.version')
  return row?.version ?? 0
}

function tooNew(version: number): ConfigError {
  const remedy = 'Update it here too.'
  return new ConfigError(
    `Cannot use the queue: its tables have version ${version}, made by a newer version of this tool on another computer, ` +
      `and this one knows up to version ${STEPS.length}. ${remedy}`,
    { remedy },
  )
}
