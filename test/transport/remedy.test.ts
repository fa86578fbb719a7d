import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { transportRemedy } from '../../runtime/transport/remedy.ts'
import { TransportFailure } from '../../runtime/transport/transport.ts'

const remedy = suite('transport/remedy')

const AUTHORITY = /^If this is the right server, set NODE_EXTRA_CA_CERTS \(on Deno DENO_CERT\) to .*\.$/
const CASES: readonly (readonly [reason: string, variable: string | undefined, step: RegExp | undefined])[] = [
  ['ECONNREFUSED', undefined, undefined],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, AUTHORITY],
  ['SELF_SIGNED_CERT_IN_CHAIN', undefined, AUTHORITY],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined, AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', undefined, AUTHORITY],
  ['CERT_INVALID', undefined, AUTHORITY],
  // Of a proxy that is reached by TLS.
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'HTTPS_PROXY', AUTHORITY],
  ['CERT_HAS_EXPIRED', undefined, /^Check this computer's clock\. /],
  ['ERR_TLS_CERT_ALTNAME_INVALID', undefined, /^Use the host name in the certificate/],
  ['PROXY_AUTHENTICATION', 'https_proxy', /^Add the user name .* to https_proxy, as in /],
  ['PROXY_REFUSED', 'ALL_PROXY', /^Ask the administrator of the proxy to allow this host\. .* add it to NO_PROXY\.$/],
  ['PROXY_UNAVAILABLE', 'ALL_PROXY', /^Check ALL_PROXY, and that the proxy runs .* add it to NO_PROXY\.$/],
  ['ECONNREFUSED', 'HTTPS_PROXY', /^Check HTTPS_PROXY, /],
]
for (const [reason, variable, step] of CASES) {
  remedy(`transportRemedy() after ${reason} ${variable ? `at the proxy of ${variable}` : 'without a proxy'}`, () => {
    const said = transportRemedy(new TransportFailure('connect', reason, 'x', variable))
    if (step) assert.match(said ?? '', step)
    else assert.is(said, undefined)
  })
}

remedy.run()
