/** The sandbox's identity provider: oidc-provider issues the tokens, in the shape and under the paths of Auth0's. */
import type { webcrypto } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Adapter, ClientMetadata, Configuration, default as Provider } from 'oidc-provider'
import { withoutWarningsOf } from './ambient.ts'
import { API_SCOPES, APPLICATIONS, AUDIENCE, applicationOf, type SandboxApplication } from './applications.ts'
import { audienceOf, readTokenRequest, refuseTarget, translateError } from './auth0_dialect.ts'

type Key = webcrypto.CryptoKey

export interface AuthorizationServer {
  /** Answers the token endpoint, the discovery document and the key set. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** What the tokens are verified with. */
  readonly publicKey: Key
  /** An access token for the API, without a token request. */
  issueToken(application: SandboxApplication, lifetimeSeconds: number): Promise<string>
}

export const TOKEN_ENDPOINT = '/oauth/token'
export const JWKS_PATH = '/.well-known/jwks.json'
export const DISCOVERY_PATH = '/.well-known/openid-configuration'

export interface AuthorizationServerOptions {
  /** With the slash at its end, as Auth0's. */
  issuer: string
  tokenLifetimeSeconds: number
}

/** Generates the signing key and builds the server; neither is ever stored. */
export async function createAuthorizationServer(options: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const [keys, { Provider }] = await Promise.all([generateKeys(), loadProvider()])
  const privateJwk = await crypto.subtle.exportKey('jwk', keys.privateKey)
  const { kty, n, e, d, p, q, dp, dq, qi } = privateJwk
  const provider = new Provider(
    options.issuer,
    configuration(options, { kty, n, e, d, p, q, dp, dq, qi, alg: 'RS256', use: 'sig' }),
  )
  provider.silent = true
  provider.use(translateError)
  const answer = provider.callback()
  return {
    publicKey: keys.publicKey,
    async handle(request, response) {
      await answer(request.method === 'POST' ? await readTokenRequest(request) : request, response)
    },
    issueToken: (application, lifetimeSeconds) => issueToken(provider, application, lifetimeSeconds),
  }
}

// --- internal ---

let loading: Promise<typeof import('oidc-provider')> | undefined

function loadProvider(): Promise<typeof import('oidc-provider')> {
  loading ??= withoutWarningsOf('oidc-provider', () => import('oidc-provider'))
  return loading
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

function configuration({ tokenLifetimeSeconds }: AuthorizationServerOptions, key: object): Configuration {
  return {
    adapter: NothingStored,
    jwks: { keys: [key as never] },
    clients: Object.values(APPLICATIONS).map(clientMetadata),
    routes: { authorization: '/authorize', token: TOKEN_ENDPOINT, jwks: JWKS_PATH },
    ttl: { ClientCredentials: tokenLifetimeSeconds },
    clientBasedCORS: () => false,
    formats: { customizers: { jwt: (_context, token, parts) => setClaims(token, parts as TokenParts) } },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo, defaultResource: () => undefined as never },
    },
  }
}

function clientMetadata({ clientId, clientSecret, grantTypeAllowed }: SandboxApplication): ClientMetadata {
  const secret = {
    client_id: clientId,
    client_secret: clientSecret,
    token_endpoint_auth_method: 'client_secret_post',
  } as const
  return grantTypeAllowed
    ? { ...secret, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }
    : { ...secret, grant_types: ['authorization_code'], response_types: ['code'], redirect_uris: ['http://127.0.0.1/'] }
}

const resourceServer = {
  scope: API_SCOPES,
  audience: AUDIENCE,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'RS256' } },
} as const

function getResourceServerInfo(_context: unknown, resource: string, client: { clientId: string }) {
  const audience = audienceOf(resource)
  if (audience !== AUDIENCE) throw refuseTarget(`Service not enabled within domain: ${audience}`)
  if (!applicationOf(client.clientId)?.clientGrant) {
    throw refuseTarget(
      `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API. ` +
        'See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants',
    )
  }
  return resourceServer
}

interface TokenParts {
  header?: Record<string, unknown> | undefined
  payload: Record<string, unknown>
}

/** Auth0's claims in place of those of RFC 9068; `jti` stays, so that two tokens of one second differ. */
function setClaims(token: object, parts: TokenParts): void {
  const { iss, aud, iat, exp, jti, scope } = parts.payload
  const clientId = 'clientId' in token ? token.clientId : undefined
  parts.header = { typ: 'JWT' }
  parts.payload = {
    iss,
    sub: `${clientId}@clients`,
    aud,
    iat,
    exp,
    ...(scope === undefined ? {} : { scope }),
    gty: 'client-credentials',
    azp: clientId,
    jti,
  }
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

/** A JWT proves itself, and an opaque token opens nothing here: nothing is ever looked up again. */
class NothingStored implements Adapter {
  async upsert(): Promise<undefined> {}
  async find(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async findByUid(): Promise<undefined> {}
  async consume(): Promise<undefined> {}
  async destroy(): Promise<undefined> {}
  async revokeByGrantId(): Promise<undefined> {}
}
