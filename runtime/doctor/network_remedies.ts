/** What to do where a server is not reached or not trusted: as data, by the code of the failure. */

interface NetworkRemedy {
  /** Code and message of the failure. */
  readonly reason: RegExp
  /** What became of it, after the place's name. */
  readonly found: string
  /** `SETTING` stands for the setting that names the place. */
  readonly step: string
}

const TRUST =
  "If it is the right server, its certificate comes from an authority of your organisation: save that authority's certificate as a PEM file, and name the file in the environment variable NODE_EXTRA_CA_CERTS (on Deno DENO_CERT, or `deno run --cert FILE`). Never switch verification off."

const REMEDIES: readonly NetworkRemedy[] = [
  {
    reason: /PROXY_(407|AUTHENTICATION)/,
    found: 'the proxy asks who you are (407)',
    step: 'Put the name and password for the proxy into the variable that names it, percent-encoded: HTTPS_PROXY=http://name:password@proxy.example.com:8080.',
  },
  {
    reason: /PROXY_(4|REFUSED)/,
    found: 'the proxy refuses to connect to it',
    step: 'Ask whoever runs the proxy to allow this host and port, or name the host in NO_PROXY where it is reached without the proxy. SETTING says which host it is.',
  },
  {
    reason: /PROXY_/,
    found: 'the proxy could not connect to it',
    step: 'Check the host in SETTING; if it is right, name it in NO_PROXY where it is reached without the proxy, or ask whoever runs the proxy.',
  },
  {
    reason: /ENOTFOUND|EAI_|ENODATA|dns error/i,
    found: 'its name is not found (DNS)',
    step: 'Check the host in SETTING for misspellings; if it is right, check the network, the VPN, and whether this computer needs a proxy (HTTPS_PROXY).',
  },
  {
    reason: /ECONNREFUSED/,
    found: 'the connection is refused',
    step: 'Check host and port in SETTING, and that the server is running; a firewall may refuse as well.',
  },
  {
    reason: /TIMEOUT|ETIMEDOUT|ABORTED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/,
    found: 'nothing answers',
    step: 'Check the host in SETTING, the network, the VPN, and whether a firewall is in between or this computer needs a proxy (HTTPS_PROXY).',
  },
  {
    reason: /ALTNAME|NotValidForName/i,
    found: 'its certificate is for another name',
    step: 'Use in SETTING the name that is in the certificate; if the name is right, another server, or a proxy, answers there.',
  },
  {
    reason: /EXPIRED|NOT_YET_VALID|NotValidYet/i,
    found: 'its certificate has expired, or is not valid yet',
    step: "Check this computer's date and time first; if they are right, whoever runs the server has to renew its certificate.",
  },
  { reason: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UnknownIssuer/i, found: 'its certificate is not trusted', step: TRUST },
  {
    reason: /EPROTO|SSL|TLS|InvalidContentType|corrupt message/i,
    found: 'it does not speak TLS as expected',
    step: 'Check the port in SETTING: at this one something else than HTTPS seems to answer.',
  },
]

const OTHERWISE = {
  found: 'the connection failed',
  step: 'Check SETTING, the network and the proxy.',
}

export function networkRemedy(reason: string, setting: string): { found: string; remedy: string } {
  const { found, step } = REMEDIES.find((row) => row.reason.test(reason)) ?? OTHERWISE
  return { found, remedy: step.replace('SETTING', setting) }
}
