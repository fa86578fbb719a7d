/** Turns errors of a database into ours, without values or the password. */
import { ConfigError, isWfgError, TransportError, UsageError, WfgError } from '../../core/errors.ts'

/** How errors name the database, without user and password: `the database "wfg" on db.example.com:5432`. */
export interface Named {
  readonly name: string
  redact(text: string): string
}

/** True when nothing reached the database, or its answer was lost: the same call may succeed later. */
export function isUnreachable(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string }
  return (typeof code === 'string' && UNREACHABLE.test(code)) || LOST.test(message)
}

/** Also recognizes the error that `databaseFailure()` made of it. */
export function isDeadlock(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } }
  return code === DEADLOCK || cause?.code === DEADLOCK
}

export function databaseFailure(error: unknown, { name, redact }: Named): Error {
  if (isWfgError(error)) return error
  const { code, message = String(error) } = error as { code?: string; message?: string }
  const said = redact(oneLine(message || String(code)))
  const known = code === undefined ? '' : ` (${code})`
  const cause = Object.assign(new Error(`${said}${known}`), code === undefined ? {} : { code })
  if (isUnreachable(error)) {
    const remedy = 'Check that it runs and can be reached from here, and try again. Queued jobs are kept.'
    const text = `Cannot reach the queue: no answer from ${name}: ${said}${known}. ${remedy}`
    return new TransportError(text, { code: 'WFG_NETWORK', remedy, cause })
  }
  const setUp = code && SET_UP.find(([pattern]) => pattern.test(code))
  if (setUp) {
    const problems = [{ name: 'WFG_DATABASE_URL', problem: setUp[1] }]
    const text = `Cannot use the queue: ${name} refused it: ${said}${known}. ${setUp[2]}`
    return new ConfigError(text, { problems, remedy: setUp[2], cause })
  }
  // The database's message about data quotes the data.
  if (code !== undefined && /^22/.test(code)) {
    const remedy = 'A text may not have the character U+0000, for example.'
    return new UsageError(`Cannot queue the job: ${name} does not take its data (${code}). ${remedy}`, { remedy })
  }
  return new WfgError(`Cannot use the queue: ${name} answered: ${said}${known}.`, { cause })
}

// --- internal ---

const DEADLOCK = '40P01'

/** Our own code; codes of the system, of connections (class 08), and of a server that starts, stops, or is full. */
const UNREACHABLE =
  /^(WFG_NETWORK|ECONN\w+|E(?:TIMEDOUT|NOTFOUND|PIPE|AI_AGAIN|NETUNREACH|HOSTUNREACH|NOENT|ADDRNOTAVAIL|HOSTDOWN|NETDOWN)|08...|57P0[1-5]|53300|25P03)$/
/** Errors of the driver that have no code. */
const LOST =
  /connection terminated|connection error|connection timeout|timeout exceeded when trying to connect|query read timeout|client was closed|server closed the connection|not queryable/i

const SET_UP: readonly (readonly [code: RegExp, problem: string, remedy: string])[] = [
  [
    /^28/,
    'was refused: user or password is wrong',
    'Check user and password in WFG_DATABASE_URL (with characters such as @ / # written as %40 %2F %23), and the pg_hba.conf of the server.',
  ],
  [
    /^3D000$/,
    'names a database that the server does not have',
    'Create it with `createdb`, or name another one in WFG_DATABASE_URL.',
  ],
  [
    /^42501$/,
    'names a user without the right to create its tables',
    'The queue keeps its tables in the schemas wfg and wfg_queue: have the administrator GRANT CREATE ON DATABASE to that user once. If another user made them already, use that user in WFG_DATABASE_URL.',
  ],
  [
    /CERT|SELF_SIGNED|^UNABLE_TO_|ALTNAME/,
    'names a server whose certificate is not trusted',
    'Add sslrootcert=FILE to WFG_DATABASE_URL, with the certificate of its authority.',
  ],
]

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\.$/, '').trim()
}
