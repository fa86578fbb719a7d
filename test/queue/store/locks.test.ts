import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Row, Sql } from '../../../runtime/queue/database/sql.ts'
import { createLocks } from '../../../runtime/queue/store/locks.ts'
import { prepareTables } from '../../../runtime/queue/store/tables.ts'
import { rejects } from '../../_assert.ts'
import { needs, SLOW_UNDER_WINE, UNDER_WINE } from '../../_not_run.ts'
import { newPglite } from './_store.ts'

const locks = needs(!UNDER_WINE, SLOW_UNDER_WINE, suite('locks'))

/** Two workers on one database, the first of which can lose it, or the answers of it. */
async function withWorkers(
  check: (
    given: { sql: Sql; state: { lost: 'nothing' | 'statements' | 'answers' } } & Record<
      'one' | 'two',
      ReturnType<typeof createLocks>
    >,
  ) => Promise<void>,
): Promise<void> {
  const sql = await newPglite()
  const state: { lost: 'nothing' | 'statements' | 'answers' } = { lost: 'nothing' }
  const failing: Sql = {
    ...sql,
    async query<Result extends Row>(text: string, values?: unknown[]) {
      if (state.lost === 'statements') throw new Error('lost')
      const rows = await sql.query<Result>(text, values)
      if (state.lost === 'answers') throw new Error('lost')
      return rows
    },
  }
  try {
    await prepareTables(sql)
    for (const id of ['w1', 'w2']) {
      await sql.query(
        "INSERT INTO wfg.worker (id, hostname, pid, started_at, seen_at) VALUES ($1, 'here', 7, now(), now())",
        [id],
      )
    }
    await check({ sql, state, one: createLocks(failing), two: createLocks(sql) })
  } finally {
    await sql.close()
  }
}

locks('a lock is taken once, and is free after its release', () =>
  withWorkers(async ({ one, two }) => {
    const release = await one.take('a', 'w1')
    assert.is(await one.take('a', 'w1'), undefined)
    assert.is(await two.take('a', 'w2'), undefined)
    await release!()
    assert.type(await two.take('a', 'w2'), 'function')
    assert.is(await one.take('b', 'unknown'), undefined, 'a worker without a row holds nothing')
  }),
)

locks('a lock ends with its worker, and a late release takes it from nobody', () =>
  withWorkers(async ({ sql, one, two }) => {
    const release = await one.take('a', 'w1')
    await sql.query("DELETE FROM wfg.worker WHERE id = 'w1'")
    assert.type(await two.take('a', 'w2'), 'function')
    await release!()
    await one.tidy('w1')
    assert.is(await one.take('a', 'w1'), undefined)
  }),
)

locks('tidy() releases locks whose release failed or got no answer', () =>
  withWorkers(async ({ state, one, two }) => {
    const kept = await one.take('kept', 'w1')
    const release = await one.take('a', 'w1')
    state.lost = 'statements'
    await release!()
    state.lost = 'answers'
    await rejects(one.take('b', 'w1'))
    state.lost = 'nothing'
    for (const key of ['a', 'b']) assert.is(await two.take(key, 'w2'), undefined, key)
    await one.tidy('w1')
    for (const key of ['a', 'b']) assert.type(await two.take(key, 'w2'), 'function', key)
    assert.is(await two.take('kept', 'w2'), undefined)
    await kept!()
  }),
)

locks.run()
