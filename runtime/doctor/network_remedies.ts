/** What to do if a server is not reached or not trusted, by the code of the failure. */
import { typedVariable } from '../host/user_shell.ts'

interface NetworkRemedy {
  /** Matches the code and the message of the failure. */
  readonly reason: RegExp
  /** What happened; follows the server's name in the message. */
  readonly found: string
  /** What to do. `SETTING` stands for the setting that names the server. */
  readonly step: string
}

const TRUST =
  "If it is the right server, your organisation's own authority has issued its certificate. Save that authority's certificate as a PEM file and set the environment variable NODE_EXTRA_CA_CERTS to its path (on Deno: DENO_CERT, or `deno run --cert FILE`). Never turn verification off."

const REMEDIES: readonly NetworkRemedy[] = [
  {
    reason: /PROXY_(407|AUTHENTICATION)/,
    found: 'the proxy asks for a name and password (407)',
    step: `Add the name and password, percent-encoded, to the variable that names the proxy: \`${typedVariable('HTTPS_PROXY', 'http://name:password@proxy.example.com:8080')}\`.`,
  },
  {
    reason: /PROXY_(4|REFUSED)/,
    found: 'the proxy refuses to connect',
    step: 'Ask whoever runs the proxy to allow the host and port in SETTING. If the host is reachable without the proxy, add it to NO_PROXY.',
  },
  {
    reason: /PROXY_/,
    found: 'the proxy could not connect',
    step: 'Check the host in SETTING. If it is right and reachable without the proxy, add it to NO_PROXY; otherwise ask whoever runs the proxy.',
  },
  {
    reason: /ENOTFOUND|EAI_|ENODATA|dns error/i,
    found: 'the name is not found (DNS)',
    step: 'Check the host in SETTING for typing mistakes. If it is right, check the network, the VPN, and whether this computer needs a proxy (HTTPS_PROXY).',
  },
  {
    reason: /ECONNREFUSED/,
    found: 'the connection is refused',
    step: 'Check the host and port in SETTING, and that the server is running. A firewall may also refuse the connection.',
  },
  {
    reason: /TIMEOUT|ETIMEDOUT|ABORTED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/,
    found: 'nothing answers',
    step: 'Check the host in SETTING, the network, the VPN, and whether a firewall blocks the connection or this computer needs a proxy (HTTPS_PROXY).',
  },
  {
    reason: /ALTNAME|NotValidForName/i,
    found: 'the certificate is for another name',
    step: 'Use the name in the certificate in SETTING. If SETTING is right, another server or a proxy answers there.',
  },
  {
    reason: /EXPIRED|NOT_YET_VALID|NotValidYet/i,
    found: 'the certificate has expired or is not valid yet',
    step: "Check this computer's date and time. If they are right, ask whoever runs the server to renew the certificate.",
  },
  { reason: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UnknownIssuer/i, found: 'the certificate is not trusted', step: TRUST },
  {
    reason: /EPROTO|SSL|TLS|InvalidContentType|corrupt message/i,
    found: 'the TLS handshake failed',
    step: 'Check the port in SETTING: the server at this one does not seem to use HTTPS.',
  },
]

const OTHERWISE = {
  found: 'the connection failed',
  step: 'Check SETTING, the network and the proxy.',
}

export function networkRemedy(reason: string, setting: string): { found: string; remedy: string } {
  const { found, step } = REMEDIES.find((row) => row.reason.test(reason)) ?? OTHERWISE
  return { found, remedy: step.replaceAll('SETTING', setting) }
}
