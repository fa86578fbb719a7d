/** Errors on their way between the processes. */
import {
  AccessTokenError,
  AuthorizationError,
  ConfigError,
  GraphQLExecutionError,
  GraphQLRequestError,
  isWfgError,
  OutcomeUnknownError,
  RefusedError,
  TransportError,
  UsageError,
  WfgError,
} from '../core/errors.ts'
import { Interruption } from '../core/interruption.ts'
import { stackText } from '../tasks/run/failure.ts'
import { TransportFailure } from '../transport/transport.ts'

/** An error, or whatever else was thrown, as JSON. */
export interface Thrown {
  /** The name of its class; undefined for a value that is no error. */
  readonly name: string | undefined
  readonly message: string
  readonly exitCode?: number | undefined
  readonly stack?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly value?: unknown
}

export function describeThrown(error: unknown): Thrown {
  if (!(error instanceof Error)) return { name: undefined, message: '', value: typeof error === 'object' ? {} : error }
  const { name, message } = error
  if (error instanceof TransportFailure) return { name: 'TransportFailure', message, details: { ...error } }
  if (error instanceof Interruption) return { name, message, exitCode: error.exitCode }
  if (!isWfgError(error)) return { name, message, stack: stackText(error) }
  const data = error instanceof GraphQLExecutionError ? { data: error.data } : {}
  return { name, message, exitCode: error.exitCode, details: { ...error, ...data, remedy: error.remedy } }
}

/** Makes the error again. It may come from a hostile script, which can choose how its own run fails, and nothing else. */
export function thrownFrom({ name, message, exitCode, stack, details = {}, value }: Thrown): unknown {
  const text = String(message)
  if (name === undefined) return value
  if (name === 'Interruption') return new Interruption(text, codeOf(exitCode))
  if (name === 'TransportFailure') {
    const { stage, reason, proxyVariable } = details as Record<string, string>
    return new TransportFailure(stage === 'connect' ? 'connect' : 'exchange', String(reason), text, proxyVariable)
  }
  const Class = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined
  if (Class) return new Class(text, { errors: [], data: undefined, ...details } as never)
  if (exitCode !== undefined) return Object.assign(new WfgError(text), { exitCode: codeOf(exitCode) })
  return Object.assign(new Error(text), { stack: String(stack ?? text) })
}

/** A failed run never ends with 0. */
export function codeOf(exitCode: unknown): number {
  return Number.isInteger(exitCode) && (exitCode as number) > 0 && (exitCode as number) < 256 ? (exitCode as number) : 1
}

// --- internal ---

const CLASSES: Readonly<Record<string, new (message: string, details: never) => WfgError>> = {
  AccessTokenError,
  AuthorizationError,
  ConfigError,
  GraphQLExecutionError,
  GraphQLRequestError,
  OutcomeUnknownError,
  RefusedError,
  TransportError,
  UsageError,
  WfgError,
}
