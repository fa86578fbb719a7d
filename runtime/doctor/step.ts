/** What an examination consists of: steps in order, each with a finding, and what earlier ones found out. */

import type { WfgError } from '../core/errors.ts'
import { planTokenRequest } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import type { SessionConnection } from '../tasks/run/session.ts'

/** `skipped`: it does not apply here. After `failed` nothing more is looked at. */
export type Status = 'ok' | 'warning' | 'skipped' | 'failed'

export interface Finding {
  readonly status: Status
  /** The state found, in one sentence without its full stop; never a secret. */
  readonly detail: string
  /** The next step, naming the screen and the field, or the setting; may have several lines. */
  readonly remedy?: string | undefined
  /** Of the command, when the step failed. */
  readonly exitCode?: number
}

export interface Step {
  readonly name: string
  examine(patient: Patient): Promise<Finding>
}

/** What is examined, and what the steps before left for those that follow. */
export interface Patient extends Pick<CommandCall, 'host' | 'registry' | 'flags' | 'loadSession'> {
  readonly signal: AbortSignal
  /** Left by the step "settings". */
  connection?: SessionConnection
  /** By server (origin): milliseconds by which its clock is ahead, where it said what that shows. */
  readonly skewsMs: Map<string, number>
  /** Left by the step "token". */
  token?: string
}

/** A place that must be reached, and the setting that says where it is. */
export interface Target {
  readonly url: URL
  readonly setting: 'WFG_ISSUER' | 'WFG_TOKEN_ENDPOINT' | 'WFG_GRAPHQL_URL'
}

/** @throws {Error} when it comes before the step "settings" */
export function connectionOf(patient: Patient): SessionConnection {
  if (!patient.connection) throw new Error('the step "settings" comes first')
  return patient.connection
}

/** Where the token comes from: the token endpoint, or the issuer where that is still to be discovered. */
export function providerUrl(config: Config): URL {
  const { tokenEndpoint, issuer } = planTokenRequest(config)
  return tokenEndpoint ?? new URL(issuer)
}

/** The message's first line is what was found; more lines, and the next step with which it ends, are what to do. */
export function failedBy(error: WfgError, remedy: string | undefined = error.remedy): Finding {
  const [found = '', ...rest] = withoutRemedy(error).split('\n')
  const lines = [...rest, ...(remedy === undefined ? [] : [remedy])]
  return {
    status: 'failed',
    detail: found.replace(/:$/, ''),
    remedy: lines.length === 0 ? undefined : lines.join('\n'),
    exitCode: error.exitCode,
  }
}

export function withoutRemedy({ message, remedy }: WfgError): string {
  return remedy !== undefined && message.endsWith(remedy) ? message.slice(0, -remedy.length).trim() : message
}

/** Where a host is shown: with its port, without path and credentials. */
export function placeOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'http:' ? 80 : 443)}`
}
