/** Checks WFG_DATABASE_URL. It has a password, so no message quotes it. */
import { ConfigError } from '../../core/errors.ts'
import type { Redactor } from '../../core/redact.ts'

/** What `pg.Client` reads from a URL. */
export interface Address {
  readonly host: string | null
  readonly port: number
  readonly database: string | null
  readonly password?: string | null
}

/**
 * Returns the URL for the driver. The driver treats the `sslmode` values `prefer`, `require` and `verify-ca` as `verify-full`
 * and warns of that, so they are replaced.
 *
 * @throws {ConfigError} if it is not a URL of PostgreSQL
 */
export function checkedDatabaseUrl(text: string, redactor: Redactor): string {
  for (const password of passwordsOf(text)) redactor.add(password)
  const url = text.trim()
  if (!/^postgres(ql)?:\/\//.test(url)) throw wrongUrl('it does not start with postgres:// or postgresql://')
  if (!isReadable(url)) {
    throw wrongUrl('it cannot be read; write / ? # @ and % in the password as %2F %3F %23 %40 and %25')
  }
  const mode = /[?&]sslmode=([^&]*)/.exec(url)?.[1]
  if (mode !== undefined && !SSL_MODES.includes(mode))
    throw wrongUrl(`its sslmode is not one of ${SSL_MODES.join(', ')}`)
  if (/[?&]uselibpqcompat=true/.test(url)) return url
  return url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, '$1verify-full')
}

/** Returns how errors name the database. */
export function databaseName({ host, port, database }: Address): string {
  const place = host?.startsWith('/') ? JSON.stringify(host) : `${host}:${port}`
  return `the database ${JSON.stringify(database ?? '')} on ${place}`
}

/** @param found what is wrong with the URL, without quoting it */
export function wrongUrl(found: string): ConfigError {
  const remedy = 'Write it as postgres://USER:PASSWORD@HOST:5432/DATABASE.'
  return new ConfigError(`Cannot use WFG_DATABASE_URL: ${found}. ${remedy}`, {
    remedy,
    problems: [{ name: 'WFG_DATABASE_URL', problem: `is not the URL of a PostgreSQL database: ${found}` }],
  })
}

// --- internal ---

const SSL_MODES = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full']

/** False if a character of the password ends that part of the URL, so that the host would be wrong. */
function isReadable(url: string): boolean {
  // A URL without a host has it in the query.
  const complete = url.replace('@/', '@base/')
  if (/\s/.test(url) || !URL.canParse(complete)) return false
  const { hash, pathname, search } = new URL(complete)
  return hash === '' && !pathname.includes('@') && /^(\?[\w.]+=[^?]*)?$/.test(search)
}

/** Works for a URL that cannot be read, too. */
function passwordsOf(text: string): string[] {
  const inUser = /^[^/]*\/\/[^:@/]*:(.*)@/s.exec(text)?.[1]
  const inQuery = /[?&]password=([^&]*)/.exec(text)?.[1]
  return [inUser, inQuery].flatMap((written) => (written ? [written, decoded(written)] : []))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
