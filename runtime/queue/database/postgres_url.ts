/** WFG_DATABASE_URL, as the driver takes it. It holds a password, so nothing here quotes it. */
import { ConfigError } from '../../core/errors.ts'
import type { Redactor } from '../../core/redact.ts'

/** What `pg.Client` makes of a URL. */
export interface Address {
  readonly host: string | null
  readonly port: number
  readonly database: string | null
  readonly password?: string | null
}

/**
 * The URL without what the driver only warns of: `sslmode` of `prefer`, `require` and `verify-ca` is what it does with
 * them, `verify-full`.
 *
 * @throws {ConfigError} where it is no URL of PostgreSQL
 */
export function checkedDatabaseUrl(text: string, redactor: Redactor): string {
  for (const password of passwordsOf(text)) redactor.add(password)
  const url = text.trim()
  if (!/^postgres(ql)?:\/\//.test(url)) throw wrongUrl('it does not begin with postgres:// or postgresql://')
  if (!isReadable(url)) {
    throw wrongUrl('it cannot be read; / ? # @ and % in the password are to be written as %2F %3F %23 %40 and %25')
  }
  const mode = /[?&]sslmode=([^&]*)/.exec(url)?.[1]
  if (mode !== undefined && !SSL_MODES.includes(mode)) throw wrongUrl(`its sslmode is none of ${SSL_MODES.join(', ')}`)
  if (/[?&]uselibpqcompat=true/.test(url)) return url
  return url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, '$1verify-full')
}

/** As errors name it. */
export function databaseName({ host, port, database }: Address): string {
  const place = host?.startsWith('/') ? JSON.stringify(host) : `${host}:${port}`
  return `the database ${JSON.stringify(database ?? '')} on ${place}`
}

/** @param found what is wrong with it, in words that quote nothing of it */
export function wrongUrl(found: string): ConfigError {
  const remedy = 'Write it as postgres://USER:PASSWORD@HOST:5432/DATABASE.'
  return new ConfigError(`Cannot use WFG_DATABASE_URL: ${found}. ${remedy}`, {
    remedy,
    problems: [{ name: 'WFG_DATABASE_URL', problem: `is no URL of a PostgreSQL database: ${found}` }],
  })
}

// --- internal ---

const SSL_MODES = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full']

/** A character of the password that ends that part of a URL would have another host asked. */
function isReadable(url: string): boolean {
  // Without a host, the query names one.
  const complete = url.replace('@/', '@base/')
  if (/\s/.test(url) || !URL.canParse(complete)) return false
  const { hash, pathname, search } = new URL(complete)
  return hash === '' && !pathname.includes('@') && /^(\?[\w.]+=[^?]*)?$/.test(search)
}

/** Also of a URL that cannot be read. */
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
