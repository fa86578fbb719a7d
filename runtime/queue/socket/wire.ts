/** How the commands speak with the worker that has the folder: a line of JSON for each call, and one for its answer. */
import type { Socket } from 'node:net'
import { ConfigError, isWfgError, RefusedError, TransportError, UsageError, WfgError } from '../../core/errors.ts'
import type { Store } from '../store/store.ts'

/** What the worker does for others; the rest is its own. */
export const REMOTE = ['enqueue', 'waiting', 'jobs', 'retry', 'drop', 'runs', 'run', 'addRun', 'lastCronTime'] as const
export type RemoteCall = (typeof REMOTE)[number]
export type RemoteStore = Pick<Store, RemoteCall>

export interface Call {
  readonly id: number
  readonly method: RemoteCall
  readonly params: readonly unknown[]
}

export interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly code: string; readonly message: string }
}

/** Calls `onLine` for each line; a peer that sends no end of one is cut off. */
export function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) socket.destroy()
    for (const line of lines) onLine(line)
  })
}

export function toLine(value: Call | Answer | { key: string }): string {
  return `${JSON.stringify(value)}\n`
}

/** JSON has no dates. Only our own members are looked at: what a user's arguments hold stays as it is. */
export function withDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDates)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, member]) => [
    name,
    DATES.includes(name) && typeof member === 'string' ? new Date(member) : member,
  ])
  return Object.fromEntries(entries)
}

export function toError(error: unknown, redact: (text: string) => string): Answer['error'] {
  const { code, message } = error as { code?: string; message?: string }
  return { code: isWfgError(error) ? error.code : (code ?? ''), message: redact(message ?? String(error)) }
}

export function fromError({ code, message }: NonNullable<Answer['error']>): WfgError {
  if (code === 'WFG_NETWORK') return new TransportError(message, { code })
  const Known = KNOWN[code as keyof typeof KNOWN] ?? WfgError
  return new Known(message)
}

// --- internal ---

const MAX_LINE = 64 * 1024 * 1024

/** Of `NewJob`, `JobState` and `RunRow`. */
const DATES = ['startAfter', 'queuedAt', 'startedAt', 'endedAt']

const KNOWN = { WFG_CONFIG: ConfigError, WFG_USAGE: UsageError, WFG_REFUSED: RefusedError }
