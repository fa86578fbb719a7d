/** What makes two tokens the same: everything that a token request says. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { TokenRequestPlan } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'

/**
 * A file name's worth of SHA-256 over token endpoint (or issuer), client id, authentication method, what the token is
 * for, and a fingerprint of the secret or key: another one of them gives another key, and none can be read from it.
 */
export function tokenKey(config: Config, plan: TokenRequestPlan): string {
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

/** A key that cannot be read is for the token request to report. */
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
