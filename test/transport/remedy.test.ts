import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { wayOut } from '../../runtime/transport/remedy.ts'
import { TransportFailure } from '../../runtime/transport/transport.ts'

const remedy = suite('transport/remedy')

const AUTHORITY = /^If it is the right server, .* NODE_EXTRA_CA_CERTS, on Deno in DENO_CERT\.$/
const CASES: readonly (readonly [reason: string, variable: string | undefined, step: RegExp | undefined])[] = [
  ['ECONNREFUSED', undefined, undefined],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, AUTHORITY],
  ['SELF_SIGNED_CERT_IN_CHAIN', undefined, AUTHORITY],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined, AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', undefined, AUTHORITY],
  ['CERT_INVALID', undefined, AUTHORITY],
  // Of a proxy that is reached by TLS.
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'HTTPS_PROXY', AUTHORITY],
  ['CERT_HAS_EXPIRED', undefined, /^The server's certificate must be renewed/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', undefined, /^Use the host name that the certificate is made out for/],
  ['PROXY_AUTHENTICATION', 'https_proxy', /^Put the user name .* into https_proxy, as in /],
  ['PROXY_REFUSED', 'ALL_PROXY', /^Ask who runs the proxy to allow this host; .* belongs in NO_PROXY\.$/],
  ['PROXY_UNAVAILABLE', 'ALL_PROXY', /^Check ALL_PROXY, and whether the proxy runs .* belongs in NO_PROXY\.$/],
  ['ECONNREFUSED', 'HTTPS_PROXY', /^Check HTTPS_PROXY, /],
]
for (const [reason, variable, step] of CASES) {
  remedy(`wayOut() after ${reason} ${variable ? `at the proxy of ${variable}` : 'without a proxy'}`, () => {
    const said = wayOut(new TransportFailure('connect', reason, 'x', variable))
    if (step) assert.match(said ?? '', step)
    else assert.is(said, undefined)
  })
}

remedy.run()
