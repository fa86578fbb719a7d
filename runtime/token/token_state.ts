/** What `token` shows of the access token, without the token itself. */
import { dirname } from 'node:path'
import { tokenCacheMode, tokenPathOnDisk } from '../auth/token_cache.ts'
import { spanText } from '../core/time_text.ts'
import { visible } from '../core/visible.ts'
import { renderTerms } from '../core/wrap.ts'
import type { Connection } from '../graphql/client/connection.ts'
import type { Host } from '../host/host.ts'
import { lookAt } from '../host/private_file.ts'
import { planTokenRequest } from '../providers/providers.ts'
import type { TokenCache } from '../settings/setting_rules.ts'
import { SANDBOX_PROFILE } from '../settings/settings.ts'

/** As `--json` prints it. Every member is present; null if it is unknown. */
export interface TokenState {
  readonly profile: string
  readonly state: 'valid' | 'ended' | 'none'
  /** ISO 8601. */
  readonly requestedAt: string | null
  readonly ageSeconds: number | null
  readonly remainingSeconds: number | null
  readonly lifetimeSeconds: number | null
  readonly provider: string
  /** Null if it must be discovered. */
  readonly tokenEndpoint: string | null
  readonly clientId: string | null
  /** What the token is for: the audience, resource or scope. */
  readonly audience: string | null
  /** By this user on this computer, in this month (UTC). */
  readonly requestedThisMonth: number | null
  /** Response headers of the last token request that state limits. */
  readonly quota: Readonly<Record<string, string>> | null
  readonly cache: TokenCache
  /** Where the token is kept, or would be. */
  readonly file: string | null
  /** As in `chmod`; null if there is no file, and on Windows. */
  readonly fileMode: string | null
  readonly folderMode: string | null
}

/** State for the embedded sandbox, which is not started to find it out. */
export const SANDBOX_STATE: TokenState = {
  profile: SANDBOX_PROFILE,
  state: 'none',
  requestedAt: null,
  ageSeconds: null,
  remainingSeconds: null,
  lifetimeSeconds: null,
  provider: 'sandbox',
  tokenEndpoint: null,
  clientId: null,
  audience: null,
  requestedThisMonth: null,
  quota: null,
  cache: 'off',
  file: null,
  fileMode: null,
  folderMode: null,
}

export function tokenState(host: Pick<Host, 'env' | 'platform' | 'nowMs'>, { config, token }: Connection): TokenState {
  const { valid, requestedAtMs, remainingMs, lifetimeMs, requestedThisMonth, quota } = token.status()
  const { provider, tokenEndpoint, parameters } = planTokenRequest(config)
  const cache = tokenCacheMode(host, config)
  const start = tokenPathOnDisk(host, config)
  const file = start && `${start}.json`
  return {
    profile: config.profile,
    state: requestedAtMs === undefined ? 'none' : valid ? 'valid' : 'ended',
    requestedAt: requestedAtMs === undefined ? null : new Date(requestedAtMs).toISOString(),
    ageSeconds: requestedAtMs === undefined ? null : seconds(Math.max(0, host.nowMs() - requestedAtMs)),
    remainingSeconds: seconds(remainingMs),
    lifetimeSeconds: seconds(lifetimeMs),
    provider,
    tokenEndpoint: tokenEndpoint?.href ?? null,
    clientId: config.clientId,
    audience: config.audience ?? parameters['resource'] ?? parameters['scope'] ?? null,
    requestedThisMonth: requestedThisMonth ?? null,
    quota: quota && Object.keys(quota).length > 0 ? quota : null,
    cache,
    file: file ?? null,
    fileMode: modeOf(host, file),
    folderMode: modeOf(host, file && dirname(file)),
  }
}

/** @param columns width of the terminal; undefined if lines may have any length */
export function renderTokenState(state: TokenState, columns: number | undefined): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['state', stateText(state)],
    ['requested', state.requestedAt === null ? undefined : `${state.requestedAt}, ${spanText(state.ageSeconds!)} ago`],
    ['provider', state.provider],
    ['token endpoint', state.tokenEndpoint ?? 'discovered from the issuer when needed'],
    ['client ID', state.clientId ?? undefined],
    ['audience', state.audience ?? 'none'],
    ['this month', countText(state)],
    ...Object.entries(state.quota ?? {}).map(([name, value]) => [name, value] as const),
    ['kept in', placeText(state)],
  ]
  const known = rows.flatMap(([name, text]) => (text === undefined ? [] : [[name, visible(text)] as const]))
  const lines = renderTerms(known, { columns: columns ?? Number.POSITIVE_INFINITY, maxTerm: 40 })
  return `${[`Access token of the profile ${JSON.stringify(state.profile)}`, ...lines].join('\n')}\n`
}

// --- internal ---

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.floor(ms / 1000)
}

function modeOf(host: Pick<Host, 'platform'>, path: string | undefined): string | null {
  if (path === undefined || host.platform === 'win32') return null
  const mode = lookAt(path)?.mode
  return mode === undefined ? null : `0${(mode & 0o777).toString(8)}`
}

function stateText({ state, remainingSeconds, lifetimeSeconds, ageSeconds, fileMode }: TokenState): string {
  if (state === 'none' && fileMode !== null) {
    return 'the file cannot be used (--verbose says why); the next script requests a token'
  }
  if (state === 'none') return 'no token is kept; the next script requests one'
  if (state === 'valid') return `valid for ${spanText(remainingSeconds!)} of ${spanText(lifetimeSeconds!)}`
  const endedSeconds = ageSeconds! - lifetimeSeconds!
  const ended = endedSeconds < 0 ? 'about to expire' : `expired ${spanText(endedSeconds)} ago`
  return `${ended}; the next script requests another`
}

function countText({ requestedThisMonth: count }: TokenState): string {
  if (count === null) return 'not counted, because tokens are not kept'
  return `${count} ${count === 1 ? 'token' : 'tokens'} requested by this user on this computer`
}

function placeText({ cache, file, fileMode, folderMode }: TokenState): string {
  if (cache === 'off') return 'no file: WFG_TOKEN_CACHE is off, as it is by default in CI and for a sandbox'
  if (cache === 'memory') return 'no file: WFG_TOKEN_CACHE is memory'
  if (file === null) return 'no file: there is no cache folder; set WFG_CACHE_DIR'
  const modes = [fileMode && `file ${fileMode}`, folderMode && `folder ${folderMode}`].filter(Boolean)
  return `${file}${modes.length > 0 ? ` (${modes.join(', ')})` : ''}`
}
