/** What a person gets whose servers have a certificate of their own authority, or one that must not be trusted. */
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Certificate, certificate } from '../_certificates.ts'
import { type CliResult, project } from '../_cli.ts'
import { withTls } from '../_proxy.ts'
import { type ScriptedReply, type ScriptedServer, withServer } from '../_server.ts'
import { AUTHORITY, CERTIFICATE, withAuthority } from '../transport/_child.ts'
import { hidesSecrets, settingsFor, TOKEN } from './_configured.ts'
import { here } from './_here.ts'
import { compiledScript, type Trusting, trusting } from './_trusting.ts'

const certificates = suite('cli/certificates')

const ENTRIES = `
  viewer: { script: './scripts/viewer.ts', access: 'read' },
  compiled: { script: './scripts/compiled.mjs', access: 'read' },`
const DEFINITION = '{ run: async ({ wfg }) => (await wfg`query Viewer { viewer { userName } }`).viewer.userName }'
const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {${ENTRIES}
})
await main(import.meta, tasks)`,
  'scripts/viewer.ts': `import { defineScript } from '#wfg'\nexport default defineScript(${DEFINITION})`,
  'scripts/compiled.mjs': compiledScript(DEFINITION),
}
const VIEWER = { body: { data: { viewer: { userName: 'john' } } } }

let trusted: Trusting
certificates.before(() => {
  trusted = trusting()
})
certificates.after(() => trusted.close())

/** Runs the task with the server's URL by TLS in the settings that `names` lists, and by http in the others. */
async function byTls(
  tls: Certificate,
  names: readonly ('WFG_GRAPHQL_URL' | 'WFG_TOKEN_ENDPOINT')[],
  replies: readonly ScriptedReply[],
  check: (result: CliResult, origin: string, server: ScriptedServer) => void,
  how: 'its own process' | 'trusted' | 'untrusted' = 'trusted',
): Promise<void> {
  await withAuthority((trust) =>
    withServer(replies, (server) =>
      withTls(tls, server.url, async (port) => {
        const { dir, run, cleanup } = project(FILES)
        const origin = `https://127.0.0.1:${port}`
        try {
          const env: Record<string, string> = settingsFor(server)
          for (const name of names) env[name] = env[name]!.replace(server.url, origin)
          const options = { env, entries: ENTRIES }
          const result = await {
            'its own process': () => run(['viewer'], { env: { ...env, ...trust, WFG_TOKEN_CACHE: 'disk' } }),
            trusted: () => trusted.here(dir, ['compiled'], options),
            untrusted: () => here(dir, ['compiled'], options),
          }[how]()
          hidesSecrets(result)
          check(result, origin, server)
        } finally {
          cleanup()
        }
      }),
    ),
  )
}

const BOTH = ['WFG_GRAPHQL_URL', 'WFG_TOKEN_ENDPOINT'] as const

certificates('an authority of one’s own, named in the environment, is trusted by both requests', () =>
  byTls(
    CERTIFICATE,
    BOTH,
    [TOKEN, VIEWER],
    ({ status, stdout, stderr }) => assert.equal([status, stdout, stderr], [0, 'john\n', '']),
    'its own process',
  ),
)

const DAY_MS = 86_400_000
const AUTHORITY_STEP =
  'If this is the right server, set NODE_EXTRA_CA_CERTS (on Deno DENO_CERT) to the file with the certificate of its authority.'
const ADDRESS = ['127.0.0.1']
const onDeno = process.versions['deno'] !== undefined

const UNFIT: readonly (readonly [what: string, tls: Certificate, found: RegExp, step: string, how?: 'untrusted'])[] = [
  [
    'self-signed',
    certificate('itself', { hosts: ADDRESS }),
    onDeno
      ? /certificate: \w+ \(CERT_INVALID\)/
      : /self[- ]signed certificate\b.* \((DEPTH_ZERO_SELF_SIGNED_CERT|CERT_INVALID)\)/,
    AUTHORITY_STEP,
  ],
  [
    'of an unknown issuer',
    CERTIFICATE,
    onDeno
      ? /invalid peer certificate: UnknownIssuer \(CERT_INVALID\)/
      : /unable to verify the first certificate\b.* \((UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_INVALID)\)/,
    AUTHORITY_STEP,
    'untrusted',
  ],
  [
    'expired',
    certificate('old', {
      hosts: ADDRESS,
      issuer: AUTHORITY,
      notBefore: new Date(Date.now() - 2 * DAY_MS),
      notAfter: new Date(Date.now() - DAY_MS),
    }),
    /certificate.* expired.* \(CERT_HAS_EXPIRED\)/,
    "Check this computer's clock. If it is right, the administrator of the server must renew its certificate.",
  ],
  [
    'for another host',
    certificate('other', { hosts: ['other.test'], issuer: AUTHORITY }),
    /127\.0\.0\.1.* \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    'Use the host name in the certificate, or get a certificate for this name.',
  ],
]
for (const [what, tls, found, step, how] of UNFIT) {
  certificates(
    `a certificate ${what} is told with the server, the reason and the next step, by the token request`,
    () =>
      byTls(
        tls,
        BOTH,
        [],
        ({ status, stdout, stderr }, origin) => {
          assert.equal([status, stdout], [3, ''])
          const start = `error: Cannot get an access token from "${origin}/oauth/token" for the client "client-of-the-test": no complete answer came: `
          told(stderr, start, found, step)
        },
        how,
      ),
  )

  certificates(`a certificate ${what} is told with the server, the reason and the next step, by the query`, () =>
    byTls(
      tls,
      ['WFG_GRAPHQL_URL'],
      [TOKEN],
      ({ status, stdout, stderr }, origin) => {
        assert.equal([status, stdout], [4, ''])
        told(
          stderr,
          `error: Cannot execute the query "Viewer": no answer from "${origin}/wfgen/graphql": `,
          found,
          step,
        )
      },
      how,
    ),
  )
}

function told(stderr: string, start: string, found: RegExp, step: string): void {
  assert.ok(stderr.startsWith(start), stderr)
  assert.match(stderr, found, stderr)
  assert.ok(stderr.endsWith(`. ${step}\n`), stderr)
}

certificates.run()
