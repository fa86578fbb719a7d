/** Finds the proxy for a request, and explains the failures of proxies. */
import { ConfigError } from '../core/errors.ts'
import { TransportFailure } from './transport.ts'

export interface HttpProxy {
  /** Without user name and password. */
  readonly url: URL
  /** Value of the header `Proxy-Authorization`; undefined if the variable has no user name. */
  readonly authorization: string | undefined
  /** The environment variable that names the proxy. */
  readonly variable: string
}

/**
 * The first that is set counts. `HTTP_PROXY` is not read: plain http goes only to this computer, for example to the
 * sandbox, which a proxy would look for on its own computer.
 */
const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'] as const

/**
 * Finds the proxy in the variables that other tools read too, including `NO_PROXY`.
 *
 * @param env the process's environment
 * @throws {ConfigError} `WFG_CONFIG` if the variable is not the URL of a proxy
 */
export function proxyFor(url: URL, env: Readonly<Record<string, string | undefined>>): HttpProxy | undefined {
  if (url.protocol !== 'https:') return undefined
  const variable = VARIABLES.find((name) => env[name])
  if (variable === undefined || isExcluded(url, env['no_proxy'] || env['NO_PROXY'] || '')) return undefined
  return proxyOf(variable, env[variable]!.trim()) ?? unusable(url, variable)
}

/** @param status undefined if the response is not that of a proxy */
export function refusedByProxy(proxy: HttpProxy, status: number | undefined): TransportFailure {
  const said = status === undefined ? 'does not answer as a proxy' : `answered ${status} instead of connecting to it`
  const message = `the ${label(proxy)} ${said}`
  return new TransportFailure('connect', reasonOf(status), message, proxy.variable)
}

export function failedAtProxy(proxy: HttpProxy, reason: string, message: string): TransportFailure {
  return new TransportFailure(
    'connect',
    reason,
    `the ${label(proxy)} did not connect to it: ${message}`,
    proxy.variable,
  )
}

// --- internal ---

/** As in curl: `example.com` and `.example.com` include subdomains, a port limits the entry to it, `*` is every host. */
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
    return undefined // a bad percent-encoding
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

/** A refusal is final: repeating a wrong password can lock an account. */
function reasonOf(status: number | undefined): string {
  if (status === 407) return 'PROXY_AUTHENTICATION'
  const isRefusal = status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
  return isRefusal ? 'PROXY_REFUSED' : 'PROXY_UNAVAILABLE'
}
