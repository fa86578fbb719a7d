/** Up to where the schedule of each task was handled. */
import type { Sql } from '../database/sql.ts'
import type { Store } from './store.ts'

export function createCronTimes(sql: Sql): Pick<Store, 'lastCronTime' | 'setCronTime'> {
  return {
    async lastCronTime(task) {
      const [row] = await sql.query<{ handled_until: Date }>('SELECT handled_until FROM wfg.schedule WHERE task = $1', [
        task,
      ])
      return row?.handled_until
    },
    async setCronTime(task, time) {
      await sql.query(
        `INSERT INTO wfg.schedule (task, handled_until) VALUES ($1, $2)
          ON CONFLICT (task) DO UPDATE SET handled_until = excluded.handled_until`,
        [task, time],
      )
    },
  }
}
