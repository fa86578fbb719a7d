/** Which proxy a request goes through, and what to say when it does not let it through. */
import { ConfigError } from '../core/errors.ts'
import { TransportFailure } from './transport.ts'

export interface HttpProxy {
  /** Without user name and password. */
  readonly url: URL
  /** For the header `Proxy-Authorization`; undefined where the variable holds no user name. */
  readonly authorization: string | undefined
  /** The variable that names it. */
  readonly variable: string
}

/** In the order in which they count. Plain http is only ever spoken to this computer, so `HTTP_PROXY` is not among them: a
 * proxy elsewhere would look for the embedded sandbox on its own computer. */
const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'] as const

/**
 * The proxy by the variables that other tools read as well, `NO_PROXY` included.
 *
 * @param env the process's environment
 * @throws {ConfigError} `WFG_CONFIG` when the variable holds no URL of a proxy
 */
export function proxyFor(url: URL, env: Readonly<Record<string, string | undefined>>): HttpProxy | undefined {
  if (url.protocol !== 'https:') return undefined
  const variable = VARIABLES.find((name) => env[name])
  if (variable === undefined || isExcluded(url, env['no_proxy'] || env['NO_PROXY'] || '')) return undefined
  return proxyOf(variable, env[variable]!.trim()) ?? unusable(url, variable)
}

/** @param status undefined for an answer that is none of a proxy */
export function refusedByProxy(proxy: HttpProxy, status: number | undefined): TransportFailure {
  const said = status === undefined ? 'does not answer as a proxy' : `answered ${status} instead of connecting to it`
  const message = `the ${label(proxy)} ${said}`
  return new TransportFailure('connect', reasonOf(status), message, proxy.variable)
}

export function noWayThrough(proxy: HttpProxy, reason: string, message: string): TransportFailure {
  return new TransportFailure(
    'connect',
    reason,
    `the ${label(proxy)} did not connect to it: ${message}`,
    proxy.variable,
  )
}

// --- internal ---

/** As for curl: `example.com` and `.example.com` stand for the subdomains too, a port narrows, `*` is every host. */
function isExcluded({ hostname, port }: URL, noProxy: string): boolean {
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === hostname.slice(1, -1)) return true // an IPv6 address has colons of its own
    const [, name = '', only] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
    if (name === '' || (only !== undefined && only !== (port || '443'))) return false
    return name === '*' || hostname === name || hostname.endsWith(`.${name}`)
  })
}

function proxyOf(variable: string, value: string): HttpProxy | undefined {
  const text = value.includes('://') ? value : `http://${value}`
  if (!URL.canParse(text)) return undefined
  const { protocol, host, username, password } = new URL(text)
  if ((protocol !== 'http:' && protocol !== 'https:') || host === '') return undefined
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const authorization = username ? `Basic ${Buffer.from(credentials).toString('base64')}` : undefined
    return { url: new URL(`${protocol}//${host}`), authorization, variable }
  } catch {
    return undefined // a % that encodes nothing
  }
}

function unusable(url: URL, variable: string): never {
  throw new ConfigError(
    `Cannot reach ${JSON.stringify(url.origin)} through a proxy: ${variable} is not the URL of an http or https proxy; ` +
      'expected http://host:port, or http://user:password@host:port with special characters percent-encoded. ' +
      'Correct it, or name the host in NO_PROXY if it is reached without a proxy.',
    { problems: [{ name: variable, problem: 'must be the URL of an http or https proxy, as in http://host:port' }] },
  )
}

function label({ url, variable }: HttpProxy): string {
  return `proxy ${JSON.stringify(url.host)} (${variable})`
}

/** Who repeats a wrong password is soon locked out, so a refusal is final. */
function reasonOf(status: number | undefined): string {
  if (status === 407) return 'PROXY_AUTHENTICATION'
  const isRefusal = status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
  return isRefusal ? 'PROXY_REFUSED' : 'PROXY_UNAVAILABLE'
}
