/** What to do about a failure of certificates or of a proxy. */
import type { TransportFailure } from './transport.ts'

/** One sentence or two. Undefined if the address or the network is the likely cause. */
export function transportRemedy({ reason, proxyVariable }: TransportFailure): string | undefined {
  const found = CERTIFICATES.find(([pattern]) => pattern.test(reason))
  if (found) return found[1]
  if (proxyVariable === undefined) return undefined
  if (reason === 'PROXY_AUTHENTICATION') {
    return `Add the user name and password of the proxy to ${proxyVariable}, as in http://user:password@host:port.`
  }
  const first =
    reason === 'PROXY_REFUSED'
      ? 'Ask the administrator of the proxy to allow this host'
      : `Check ${proxyVariable}, and that the proxy runs and can reach this host`
  return `${first}. If this host needs no proxy, add it to NO_PROXY.`
}

// --- internal ---

const CERTIFICATES: readonly (readonly [reason: RegExp, step: string])[] = [
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    "Check this computer's clock. If it is right, the administrator of the server must renew its certificate.",
  ],
  [/ALTNAME/, 'Use the host name in the certificate, or get a certificate for this name.'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/,
    'If this is the right server, set NODE_EXTRA_CA_CERTS (on Deno DENO_CERT) to the file with the certificate of its authority.',
  ],
]
