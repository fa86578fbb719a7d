/** Authenticates the client at the token endpoint (RFC 6749 section 2.3, RFC 7523). */
import type * as oauth from 'oauth4webapi'
import type { Redactor } from '../core/redact.ts'
import type { TokenRequestPlan } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'
import type { ClientAuth } from '../settings/setting_rules.ts'
import { readPrivateKey, readThumbprint } from './private_key.ts'

/**
 * @param offered the method that the server's metadata ask for; used if the settings name none
 * @throws {ConfigError} `WFG_CONFIG` when the key or the certificate cannot be used
 */
export async function clientAuthentication(
  lib: typeof oauth,
  redactor: Redactor,
  config: Config,
  plan: TokenRequestPlan,
  offered?: ClientAuth,
): Promise<oauth.ClientAuth> {
  if (config.clientAuth === 'private_key_jwt') return privateKeyJwt(lib, redactor, config, plan)
  const secret = config.clientSecret?.reveal() ?? ''
  return (config.clientAuth ?? offered) === 'client_secret_basic'
    ? lib.ClientSecretBasic(secret)
    : lib.ClientSecretPost(secret)
}

// --- internal ---

async function privateKeyJwt(
  lib: typeof oauth,
  redactor: Redactor,
  config: Config,
  { assertion }: TokenRequestPlan,
): Promise<oauth.ClientAuth> {
  const { thumbprint } = assertion
  // Deno's types lack the type of a key that the library expects.
  const key = (await readPrivateKey(redactor, config.privateKeyFile, assertion.rsa)) as oauth.PrivateKey['key']
  const headers = thumbprint ? { [thumbprint]: readThumbprint(config.certificateFile, thumbprint) } : {}
  return (server, client, body, requestHeaders) => {
    const authenticate = lib.PrivateKeyJwt(
      { key, ...(config.privateKeyId ? { kid: config.privateKeyId } : {}) },
      {
        [lib.modifyAssertion](header, payload) {
          Object.assign(header, { typ: 'JWT' }, headers)
          payload['aud'] = audienceOf(assertion.audience, config, server.token_endpoint!)
        },
      },
    )
    return authenticate(server, client, body, requestHeaders)
  }
}

function audienceOf(rule: TokenRequestPlan['assertion']['audience'], config: Config, tokenEndpoint: string): string {
  if (rule === 'host') return `${new URL(tokenEndpoint).origin}/`
  return (rule === 'issuer' ? config.issuer : undefined) ?? tokenEndpoint
}
