/** Which proxy the environment names. */

export interface HttpProxy {
  readonly url: URL
  /** The header `proxy-authorization`, where the variable holds a name. */
  readonly authorization: string | undefined
  /** Name of the variable that names it. */
  readonly variable: string
}

/** Undefined where the URL is reached without one. */
export async function proxyFor(
  url: URL,
  env: Readonly<Record<string, string | undefined>>,
): Promise<HttpProxy | undefined> {
  const variable = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'].find((name) => env[name])
  if (variable === undefined || url.protocol !== 'https:' || LOOPBACK.test(url.hostname)) return undefined
  // It comes without types.
  const { getProxyForUrl } = (await import('proxy-from-env' as string)) as { getProxyForUrl(url: string): string }
  const value = getProxyForUrl(url.href)
  if (!URL.canParse(value)) return undefined
  const { protocol, host, username, password } = new URL(value)
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization = username ? `Basic ${Buffer.from(credentials).toString('base64')}` : undefined
  return { url: new URL(`${protocol}//${host}`), authorization, variable }
}

// --- internal ---

const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])$/
