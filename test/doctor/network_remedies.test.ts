import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { networkRemedy } from '../../runtime/doctor/network_remedies.ts'

const remedies = suite('cli/doctor/network_remedies')

/** What the runtimes say, and what is found in the two sentences about it. */
for (const [reason, found, step] of [
  // Node
  ['ENOTFOUND getaddrinfo ENOTFOUND x', /DNS/, /typing mistakes/],
  ['EAI_AGAIN', /DNS/, /VPN/],
  ['ECONNREFUSED', /refused/, /firewall/],
  ['ETIMEDOUT', /nothing answers/, /HTTPS_PROXY/],
  ['EHOSTUNREACH', /nothing answers/, /VPN/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE unable to verify the first certificate', /not trusted/, /NODE_EXTRA_CA_CERTS/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT self-signed certificate', /not trusted/, /DENO_CERT/],
  ['SELF_SIGNED_CERT_IN_CHAIN', /not trusted/, /DENO_CERT/],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /not trusted/, /NODE_EXTRA_CA_CERTS/],
  ['CERT_HAS_EXPIRED certificate has expired', /expired/, /date and time/],
  ['CERT_NOT_YET_VALID', /not valid yet/, /date and time/],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID Hostname/IP does not match certificate's altnames",
    /another name/,
    /in WFG_ISSUER\. /,
  ],
  ['EPROTO wrong version number', /TLS handshake failed/, /port in WFG_ISSUER/],
  // Deno
  ['CERT_INVALID invalid peer certificate: UnknownIssuer', /not trusted/, /--cert FILE/],
  ['CERT_INVALID invalid peer certificate: Expired', /expired/, /date and time/],
  ['CERT_INVALID invalid peer certificate: NotValidForName', /another name/, /WFG_ISSUER/],
  // proxies
  ['PROXY_AUTHENTICATION', /asks for a name and password/, /HTTPS_PROXY/],
  ['PROXY_REFUSED', /refuses/, /NO_PROXY/],
  ['PROXY_UNAVAILABLE', /could not connect/, /NO_PROXY/],
  ['SOMETHING_ELSE', /the connection failed/, /^Check WFG_ISSUER, the network and the proxy\.$/],
] as const) {
  remedies(`networkRemedy() knows what to do about ${reason}`, () => {
    const told = networkRemedy(reason, 'WFG_ISSUER')
    assert.match(told.found, found)
    assert.match(told.remedy, step)
    assert.not.match(told.remedy, /SETTING/)
  })
}

remedies.run()
