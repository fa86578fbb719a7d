/** The sandbox's identity provider: oidc-provider issues tokens in Auth0's format, at Auth0's paths. */
import { randomUUID, type webcrypto } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { default as Provider } from 'oidc-provider'
import { systemHost } from '../../host/host.ts'
import { AUDIENCE, type SandboxApplication } from './applications.ts'
import { readTokenRequest, translateError } from './auth0_dialect.ts'
import type { Trust } from './bearer.ts'
import { providerConfiguration, resourceServer } from './provider_configuration.ts'

type Key = webcrypto.CryptoKey

/** Shared by the sandboxes of a process, because making an RSA key takes longer than all else at their start. */
let signingKeys: ReturnType<typeof generateKeys> | undefined

/**
 * Creates the server, which has a key id of its own. The signing key is not stored.
 *
 * @param issuer with a slash at the end, like Auth0's
 */
export async function createAuthorizationServer(issuer: string, tokenLifetimeSeconds: number) {
  signingKeys ??= generateKeys()
  const [keys, { Provider }] = await Promise.all([signingKeys, loadProvider()])
  const privateJwk = await crypto.subtle.exportKey('jwk', keys.privateKey)
  const { kty, n, e, d, p, q, dp, dq, qi } = privateJwk
  const signingKey = { kty, n, e, d, p, q, dp, dq, qi, kid: randomUUID(), alg: 'RS256', use: 'sig' }
  const provider = new Provider(issuer, providerConfiguration(tokenLifetimeSeconds, signingKey))
  provider.silent = true
  provider.use(translateError)
  const answer = provider.callback()
  return {
    trust: { issuer, publicKey: keys.publicKey, keyId: signingKey.kid } satisfies Trust,
    /** Serves the token endpoint, the discovery document and the key set. */
    async handle(request: IncomingMessage, response: ServerResponse) {
      await answer(request.method === 'POST' ? await readTokenRequest(request) : request, response)
    },
    /** Issues an access token for the API without a token request. */
    issueToken: (application: SandboxApplication, lifetimeSeconds: number) =>
      issueToken(provider, application, lifetimeSeconds),
  }
}

// --- internal ---

/** Hides the warning that oidc-provider prints on older versions of Node. */
async function loadProvider(): Promise<typeof import('oidc-provider')> {
  const restore = systemHost().withholdWarnings((text) => text.includes('oidc-provider WARNING:'))
  try {
    return await import('oidc-provider')
  } finally {
    restore()
  }
}

function generateKeys(): Promise<{ publicKey: Key; privateKey: Key }> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  }
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function issueToken(
  provider: Provider,
  application: SandboxApplication,
  lifetimeSeconds: number,
): Promise<string> {
  const client = await provider.Client.find(application.clientId)
  const token = new provider.ClientCredentials({ client, expiresIn: lifetimeSeconds } as never)
  token.resourceServer = new provider.ResourceServer(AUDIENCE, resourceServer)
  return token.save()
}
