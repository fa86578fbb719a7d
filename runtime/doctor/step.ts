/** The steps of `doctor`: each checks one thing and returns a finding. */
import { type Deadline, startDeadline } from '../core/deadline.ts'
import type { WfgError } from '../core/errors.ts'
import { planTokenRequest } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import type { SessionConnection } from '../tasks/run/session.ts'

/** `skipped`: the step does not apply. `failed`: no further steps are checked. */
export type Status = 'ok' | 'warning' | 'skipped' | 'failed'

export interface Finding {
  readonly status: Status
  /** What was found: one sentence without a full stop, and never a secret. */
  readonly detail: string
  /** What to do: the screen and the field, or the setting. May have several lines. */
  readonly remedy?: string | undefined
  /** Exit code of `doctor` if the step failed. */
  readonly exitCode?: number
}

export interface Step {
  readonly name: string
  check(context: DoctorContext): Promise<Finding>
}

/** What the steps work with, and what earlier steps pass on to later ones. */
export interface DoctorContext extends Pick<CommandCall, 'host' | 'registry' | 'flags' | 'loadSession'> {
  readonly signal: AbortSignal
  /** Set by the step "settings". */
  connection?: SessionConnection
  /** Milliseconds by which a server's clock is ahead, by the server's origin. */
  readonly skewsMs: Map<string, number>
  /** Set by the step "token". */
  token?: string
}

/** A server that must be reachable, and the setting that names it. */
export interface Target {
  readonly url: URL
  readonly setting: 'WFG_ISSUER' | 'WFG_TOKEN_ENDPOINT' | 'WFG_GRAPHQL_URL'
}

/** @throws {Error} before the step "settings" */
export function connectionOf(context: DoctorContext): SessionConnection {
  if (!context.connection) throw new Error('the step "settings" comes first')
  return context.connection
}

/** Returns the token endpoint, or the issuer if the token endpoint must be discovered. */
export function providerUrl(config: Config): URL {
  const { tokenEndpoint, issuer } = planTokenRequest(config)
  return tokenEndpoint ?? new URL(issuer)
}

/** Makes a finding of an error: the first line of its message is the detail, the rest and the remedy are what to do. */
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

export function warning(detail: string, remedy: string): Finding {
  return { status: 'warning', detail, remedy }
}

export function failed(exitCode: number, detail: string, remedy: string): Finding {
  return { status: 'failed', detail, remedy, exitCode }
}

/** Runs `work` with a deadline that also ends when `doctor` is interrupted. */
export async function withDeadline<T>(
  { host, signal }: Pick<DoctorContext, 'host' | 'signal'>,
  timeoutMs: number,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(host, timeoutMs, [signal])
  try {
    return await work(deadline)
  } finally {
    deadline.clear()
  }
}

export function withoutRemedy({ message, remedy }: WfgError): string {
  return remedy !== undefined && message.endsWith(remedy) ? message.slice(0, -remedy.length).trim() : message
}

/** Returns host and port, without path and credentials. */
export function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'http:' ? 80 : 443)}`
}
