/** Tells whether a run without an end still goes on. */
import { hasEnded, type IdentityHost, ownIdentity } from '../../host/process_identity.ts'
import type { RunRecord } from './record.ts'

/** True if the process of the run is alive on this computer. */
export function isAlive(host: IdentityHost, { process: started }: RunRecord): boolean {
  const own = ownIdentity(host)
  if (started === undefined || started.host !== own.host) return false
  // No process survives a restart of the computer.
  if (started.boot !== undefined && own.boot !== undefined && started.boot !== own.boot) return false
  return host.isRunning(started.pid) && !hasEnded(host, { ...started, host: own.host })
}

/** The record of a run whose process is gone. */
export function interrupted(record: RunRecord): RunRecord {
  const message = 'the process ended without a record: it was killed, or the computer stopped'
  return { ...record, outcome: 'interrupted', error: { message } }
}
