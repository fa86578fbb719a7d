/** The cache key of a token: every parameter of its request. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { planTokenRequest } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'

/**
 * Returns 32 hexadecimal digits of a SHA-256 over token endpoint (or issuer), client ID, authentication method, request
 * parameters, and a fingerprint of the secret or private key.
 */
export function tokenKey(config: Config): string {
  const plan = planTokenRequest(config)
  const parts = [
    [plan.tokenEndpoint?.href ?? `issuer ${plan.issuer}`, config.clientId, config.clientAuth],
    Object.entries(plan.parameters).sort(([a], [b]) => (a < b ? -1 : 1)),
    [config.privateKeyId ?? null, fingerprint(credential(config))],
  ]
  return sha256(JSON.stringify(parts)).slice(0, 32)
}

// --- internal ---

function credential(config: Config): string {
  if (config.clientAuth !== 'private_key_jwt') return config.clientSecret?.reveal() ?? ''
  return contentOf(config.privateKeyFile) + contentOf(config.certificateFile)
}

/** If the key cannot be read, the token request reports it. */
function contentOf(path: string | undefined): string {
  try {
    return path === undefined ? '' : readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function fingerprint(secret: string): string {
  return sha256(`wfg ${secret}`).slice(0, 16)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
