/** Decides what may be sent, before a token is requested. */
import { RefusedError } from '../../core/errors.ts'
import type { Config } from '../../settings/config.ts'
import type { Operation } from '../document/operation.ts'
import { label } from './call_errors.ts'
import type { RunSettings } from './connection.ts'
import type { WfgOptions } from './options.ts'

/** The strictest settings of the run and the client. */
export interface Guards {
  readonly access: 'read' | 'write'
  readonly dryRun: boolean
}

export function guardsOf(run: RunSettings, options: WfgOptions): Guards {
  return {
    access: run.access === 'read' || options.access === 'read' ? 'read' : 'write',
    dryRun: run.dryRun || options.dryRun === true,
  }
}

/**
 * @throws {RefusedError} `WFG_REFUSED` for a mutation if only reading is allowed
 */
export function checkAccess(guards: Guards, operation: Operation): void {
  if (operation.kind === 'query' || guards.access === 'write') return
  throw new RefusedError(
    `Refused the ${label({ operation })}: it would change data, and this task may only read (access: 'read'). ` +
      "Nothing was sent. Give the task access: 'write' in tasks.ts if it is meant to change data.",
  )
}

/**
 * @throws {RefusedError} `WFG_REFUSED` for a mutation in a protected profile that nobody confirmed by name
 */
export function checkProtection(config: Config, run: RunSettings, operation: Operation): void {
  if (operation.kind === 'query' || !config.protected || run.confirmed === config.profile) return
  throw new RefusedError(
    `Refused the ${label({ operation })}: the profile ${JSON.stringify(config.profile)} is protected, and its name was not confirmed. ` +
      `Nothing was sent. Run it with --confirm ${config.profile} if it is meant for that server.`,
  )
}
