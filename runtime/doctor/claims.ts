/**
 * What the token says of itself. It is not verified, and meant for WorkflowGen alone: where a provider does not promise a
 * claim, a difference is a warning.
 */
import { planTokenRequest, type TokenRequestPlan } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'
import type { ProviderName } from '../settings/setting_rules.ts'
import { connectionOf, type Finding, providerUrl, type Step } from './step.ts'
import { durationText } from './token.ts'

export const claims: Step = {
  name: 'claims',
  async examine(patient) {
    const { host, skewsMs, token = '' } = patient
    const { config } = connectionOf(patient)
    const plan = planTokenRequest(config)
    const payload = payloadOf(token)
    if (!payload) return opaque(token, config, plan)
    const skewMs = skewsMs.get(providerUrl(config).origin) ?? 0
    return judge(payload, config, plan, host.nowMs() + skewMs)
  },
}

/** The payload of a JWT (RFC 7519); undefined for a token of another form. */
export function payloadOf(token: string): Record<string, unknown> | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

// --- internal ---

/** Providers that promise the audience in the token to be the one that was asked for. */
const KEEPS_AUDIENCE = new Set<ProviderName>(['auth0', 'adfs', 'sandbox'])
/** AD FS puts this before the identifier of a Web API. */
const ADFS_PREFIX = 'microsoft:identityserver:'
const ADFS_DEFAULT = 'urn:microsoft:userinfo'

function opaque(token: string, config: Config, { provider, parameters }: TokenRequestPlan): Finding {
  const form = token.split('.').length === 5 ? 'encrypted' : 'opaque (no JWT)'
  if (!parameters['audience'] && !parameters['resource'] && !parameters['scope'] && provider !== 'okta') {
    return {
      status: 'failed',
      detail: `the token is ${form}, and no audience was asked for: so it is for no API, and WorkflowGen cannot read it`,
      remedy:
        'Set WFG_AUDIENCE to the identifier of the API "WorkflowGen GraphQL API" at the identity provider (Auth0 dashboard: Applications > APIs > the API > Settings > Identifier; with a domain of your own set WFG_PROVIDER=auth0 as well).',
      exitCode: 3,
    }
  }
  return {
    status: 'warning',
    detail: `the token is ${form}, so nothing can be said of it`,
    remedy: `WorkflowGen expects a JWT: look at the identity provider whether the API ${JSON.stringify(config.audience ?? config.resource ?? '')} has tokens of that form.`,
  }
}

function judge(payload: Record<string, unknown>, config: Config, plan: TokenRequestPlan, nowMs: number): Finding {
  const audiences = [payload['aud']].flat().filter((value) => typeof value === 'string')
  const { exp } = payload
  if (typeof exp === 'number' && exp * 1000 <= nowMs) {
    return {
      status: 'failed',
      detail: `the token expired ${durationText(nowMs / 1000 - exp)} ago, although it was issued just now`,
      remedy:
        "Check the clocks of this computer and of the identity provider, and the token's lifetime at the identity provider.",
      exitCode: 3,
    }
  }
  return (
    audienceFinding(audiences, config, plan) ??
    issuerFinding(payload, config, plan) ?? {
      status: 'ok',
      detail: described(payload, nowMs),
    }
  )
}

function audienceFinding(
  audiences: readonly string[],
  config: Config,
  { provider }: TokenRequestPlan,
): Finding | undefined {
  const asked = config.audience ?? config.resource
  const found = audiences.map((value) => JSON.stringify(value)).join(', ') || 'no API'
  if (audiences.includes(ADFS_DEFAULT)) {
    return {
      status: 'failed',
      detail: `the token is for ${found}: AD FS was asked for no API, or for one that it does not know`,
      remedy:
        'In AD FS Management, Application Groups > the group > the Web API > Identifiers, copy the identifier to WFG_AUDIENCE; set WFG_PROVIDER=adfs where AD FS is not recognised by its address.',
      exitCode: 3,
    }
  }
  if (asked === undefined || audiences.includes(asked) || audiences.includes(ADFS_PREFIX + asked)) return undefined
  // Entra names the API by its client ID as well, by the version of tokens that the API accepts.
  if (provider.startsWith('entra')) return undefined
  const isFailure = KEEPS_AUDIENCE.has(provider)
  return {
    status: isFailure ? 'failed' : 'warning',
    detail: `the token is for ${found}, and not for ${JSON.stringify(asked)}`,
    remedy:
      provider === 'okta'
        ? 'In the Okta admin console, Security > API > the authorization server > Settings, Audience must be what WorkflowGen expects; set WFG_AUDIENCE to it, and WFG_ISSUER to that authorization server.'
        : 'Set WFG_AUDIENCE to the identifier of the API "WorkflowGen GraphQL API" at the identity provider, exactly (case and a slash at its end count), and WFG_PROVIDER to your provider.',
    ...(isFailure ? { exitCode: 3 } : {}),
  }
}

function issuerFinding(
  { iss }: Record<string, unknown>,
  config: Config,
  { provider }: TokenRequestPlan,
): Finding | undefined {
  if (typeof iss !== 'string' || config.issuer === undefined) return undefined
  if (provider === 'entra' && iss.startsWith('https://sts.windows.net/')) {
    return {
      status: 'warning',
      detail: `the issuer in the token is ${JSON.stringify(iss)}, that of version 1 tokens`,
      remedy:
        'If WorkflowGen refuses the token: it may be set up for version 2. In the Entra admin center, App registrations > the WorkflowGen GraphQL API > Manifest, set requestedAccessTokenVersion (accessTokenAcceptedVersion) to 2.',
    }
  }
  // Entra and AD FS name themselves otherwise in tokens than in their metadata.
  if (provider.startsWith('entra') || provider === 'adfs' || withoutSlash(iss) === withoutSlash(config.issuer)) {
    return undefined
  }
  return {
    status: 'warning',
    detail: `the issuer in the token is ${JSON.stringify(iss)}, and WFG_ISSUER is ${JSON.stringify(config.issuer)}`,
    remedy: 'If WorkflowGen refuses the token: it must be set up for the issuer that is in the token.',
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '')
}

/** Claims by which providers name the client; WorkflowGen looks up its applications by one of them. */
const CLIENT_CLAIMS = ['azp', 'appid', 'cid', 'client_id']

function described(payload: Record<string, unknown>, nowMs: number): string {
  const client = CLIENT_CLAIMS.find((name) => typeof payload[name] === 'string')
  const shown = ['aud', 'iss', ...(client ? [client] : [])]
    .filter((name) => payload[name] !== undefined)
    .map((name) => `${name} ${JSON.stringify(payload[name])}`)
  const { exp } = payload
  const life = typeof exp === 'number' ? [`expires in ${durationText(exp - nowMs / 1000)}`] : []
  return [...shown, ...life].join(', ') || 'a JWT that says nothing of itself'
}
