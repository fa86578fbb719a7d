/** Advisory locks of the worker's one connection: when that is lost, the database gives them all up. */
import type { Session } from './sql.ts'

export interface Locks {
  /** False while anybody has it, be it this process. */
  take(key: string): Promise<boolean>
  /** From now on `renew()` takes it whenever nobody else has it. */
  keep(key: string): Promise<void>
  release(key: string): Promise<void>
  /** Takes back what a lost connection gave up, where nobody else took it meanwhile. */
  renew(): Promise<void>
}

export function createLocks(session: Session): Locks {
  /** What this process wants to hold, and on which connection it does: to the database its locks are its own. */
  const held = new Map<string, number>()

  async function tryToHold(key: string): Promise<boolean> {
    const [row] = await session.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
      [key],
    )
    if (row?.taken) held.set(key, session.connection)
    return row?.taken === true
  }

  return {
    async take(key) {
      if (held.has(key)) return false
      held.set(key, NOT_YET)
      try {
        const taken = await tryToHold(key)
        if (!taken) held.delete(key)
        return taken
      } catch (error) {
        held.delete(key)
        throw error
      }
    },
    async keep(key) {
      held.set(key, NOT_YET)
      await tryToHold(key)
    },
    async release(key) {
      const connection = held.get(key)
      held.delete(key)
      // A lock of a connection that is lost went with it.
      if (connection !== session.connection) return
      await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [key])
    },
    async renew() {
      await session.query('SELECT 1')
      for (const [key, connection] of held) {
        if (connection !== session.connection) await tryToHold(key)
      }
    },
  }
}

// --- internal ---

const NOT_YET = 0
