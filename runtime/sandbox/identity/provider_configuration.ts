/** The configuration of oidc-provider: the clients, the API and the tokens of the sandbox. */
import type { Adapter, ClientMetadata, Configuration } from 'oidc-provider'
import { API_SCOPES, APPLICATIONS, AUDIENCE, applicationOf, type SandboxApplication } from './applications.ts'
import { audienceOf, refuseTarget } from './auth0_dialect.ts'

export const TOKEN_ENDPOINT = '/oauth/token'
export const JWKS_PATH = '/.well-known/jwks.json'

/** The API "WorkflowGen GraphQL API". */
export const resourceServer = {
  scope: API_SCOPES,
  audience: AUDIENCE,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'RS256' } },
} as const

/** @param key the private signing key, as a JWK */
export function providerConfiguration(tokenLifetimeSeconds: number, key: object): Configuration {
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

// --- internal ---

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

/** Replaces the claims of RFC 9068 by Auth0's. `jti` stays, so that two tokens of one second differ. */
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

/** Stores nothing: a JWT is verified by its signature, and an opaque token opens nothing here. */
class NothingStored implements Adapter {
  async upsert(): Promise<undefined> {}
  async find(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async findByUid(): Promise<undefined> {}
  async consume(): Promise<undefined> {}
  async destroy(): Promise<undefined> {}
  async revokeByGrantId(): Promise<undefined> {}
}
