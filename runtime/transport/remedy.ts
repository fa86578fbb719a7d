/** What to do where no answer came and the servers themselves are not to blame. */
import type { TransportFailure } from './transport.ts'

/** One sentence or two; undefined where the address and the network are what to look at. */
export function wayOut({ reason, proxyVariable }: TransportFailure): string | undefined {
  const found = CERTIFICATES.find(([pattern]) => pattern.test(reason))
  if (found) return found[1]
  if (proxyVariable === undefined) return undefined
  if (reason === 'PROXY_AUTHENTICATION') {
    return `Put the user name and the password that the proxy asks for into ${proxyVariable}, as in http://user:password@host:port.`
  }
  const first =
    reason === 'PROXY_REFUSED'
      ? 'Ask who runs the proxy to allow this host'
      : `Check ${proxyVariable}, and whether the proxy runs and reaches this host`
  return `${first}; a host that is reached without a proxy belongs in NO_PROXY.`
}

// --- internal ---

const CERTIFICATES: readonly (readonly [reason: RegExp, step: string])[] = [
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    "The server's certificate must be renewed by who runs it, unless this computer's clock is wrong.",
  ],
  [
    /ALTNAME/,
    'Use the host name that the certificate is made out for, or have the server get one for the name that is used.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/,
    'If it is the right server, name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS, on Deno in DENO_CERT.',
  ],
]
