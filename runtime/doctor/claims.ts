/**
 * Checks the token's claims, unverified. If the provider does not promise a claim, a difference is only a warning,
 * because only WorkflowGen can judge the token.
 */
import { spanText } from '../core/time_text.ts'
import { planTokenRequest, type TokenRequestPlan } from '../providers/providers.ts'
import type { Config } from '../settings/config.ts'
import type { ProviderName } from '../settings/setting_rules.ts'
import { connectionOf, type Finding, failed, providerUrl, type Step, warning } from './step.ts'

export const claims: Step = {
  name: 'claims',
  async check(context) {
    const { host, skewsMs, token = '' } = context
    const { config } = connectionOf(context)
    const plan = planTokenRequest(config)
    const payload = payloadOf(token)
    if (!payload) return opaque(token, config, plan)
    const skewMs = skewsMs.get(providerUrl(config).origin) ?? 0
    return judge(payload, config, plan, host.nowMs() + skewMs)
  },
}

/** Returns the payload of a JWT (RFC 7519); undefined for any other token. */
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

/** Providers whose tokens always have the requested audience. */
const KEEPS_AUDIENCE = new Set<ProviderName>(['auth0', 'adfs', 'sandbox'])
/** AD FS puts this before the identifier of a Web API. */
const ADFS_PREFIX = 'microsoft:identityserver:'
const ADFS_DEFAULT = 'urn:microsoft:userinfo'

function opaque(token: string, config: Config, { provider, parameters }: TokenRequestPlan): Finding {
  const form = token.split('.').length === 5 ? 'encrypted' : 'opaque (not a JWT)'
  if (!parameters['audience'] && !parameters['resource'] && !parameters['scope'] && provider !== 'okta') {
    return failed(
      3,
      `the token is ${form}, because it was requested without an audience; WorkflowGen cannot read it`,
      'Set WFG_AUDIENCE to the identifier of the API "WorkflowGen GraphQL API" at the identity provider. If it is Auth0 with a domain of its own, set WFG_PROVIDER=auth0 as well; its dashboard has the identifier under Applications > APIs > the API > Settings > Identifier.',
    )
  }
  return warning(
    `the token is ${form}, so its claims cannot be checked`,
    `WorkflowGen expects a JWT. At the identity provider, check that the API ${JSON.stringify(config.audience ?? config.resource ?? '')} issues JWTs.`,
  )
}

function judge(payload: Record<string, unknown>, config: Config, plan: TokenRequestPlan, nowMs: number): Finding {
  const audiences = [payload['aud']].flat().filter((value) => typeof value === 'string')
  const { exp } = payload
  if (typeof exp === 'number' && exp * 1000 <= nowMs) {
    return failed(
      3,
      `the token was issued just now, but expired ${spanText(nowMs / 1000 - exp)} ago`,
      "Check the clocks of this computer and of the identity provider, and the token's lifetime at the identity provider.",
    )
  }
  return (
    audienceFinding(audiences, config, plan) ??
    issuerFinding(payload, config, plan) ?? {
      status: 'ok',
      detail: describe(payload, nowMs),
    }
  )
}

function audienceFinding(
  audiences: readonly string[],
  config: Config,
  { provider }: TokenRequestPlan,
): Finding | undefined {
  const wanted = config.audience ?? config.resource
  const found = audiences.map((value) => JSON.stringify(value)).join(', ') || 'no API'
  if (audiences.includes(ADFS_DEFAULT)) {
    return failed(
      3,
      `the token is for ${found}: the request named no API, or one that AD FS does not know`,
      'In AD FS Management, Application Groups > the group > the Web API > Identifiers, copy the identifier to WFG_AUDIENCE. If the address of AD FS does not contain /adfs, set WFG_PROVIDER=adfs.',
    )
  }
  if (wanted === undefined || audiences.includes(wanted) || audiences.includes(ADFS_PREFIX + wanted)) return undefined
  // Entra may name the API by its client ID, depending on the token version that the API accepts.
  if (provider.startsWith('entra')) return undefined
  const detail = `the token is for ${found}, not for ${JSON.stringify(wanted)}`
  const remedy =
    provider === 'okta'
      ? 'In the Okta admin console, Security > API > the authorization server > Settings, Audience must be what WorkflowGen expects. Set WFG_AUDIENCE to it, and WFG_ISSUER to that authorization server.'
      : 'Set WFG_AUDIENCE to the exact identifier of the API "WorkflowGen GraphQL API" at the identity provider (case and a slash at its end count), and WFG_PROVIDER to your provider.'
  return KEEPS_AUDIENCE.has(provider) ? failed(3, detail, remedy) : warning(detail, remedy)
}

function issuerFinding(
  { iss }: Record<string, unknown>,
  config: Config,
  { provider }: TokenRequestPlan,
): Finding | undefined {
  if (typeof iss !== 'string' || config.issuer === undefined) return undefined
  if (provider === 'entra' && iss.startsWith('https://sts.windows.net/')) {
    return warning(
      `the issuer in the token is ${JSON.stringify(iss)}, the issuer of version 1 tokens`,
      'If WorkflowGen refuses the token, it may expect version 2. In the Entra admin center, App registrations > the WorkflowGen GraphQL API > Manifest, set requestedAccessTokenVersion (accessTokenAcceptedVersion) to 2.',
    )
  }
  // The issuer in tokens of Entra and AD FS differs from the one in their metadata.
  if (provider.startsWith('entra') || provider === 'adfs' || withoutSlash(iss) === withoutSlash(config.issuer)) {
    return undefined
  }
  return warning(
    `the issuer in the token is ${JSON.stringify(iss)}, and WFG_ISSUER is ${JSON.stringify(config.issuer)}`,
    'If WorkflowGen refuses the token, set up WorkflowGen for the issuer in the token.',
  )
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '')
}

/** Claims that hold the client ID. WorkflowGen finds its application by one of them. */
const CLIENT_CLAIMS = ['azp', 'appid', 'cid', 'client_id']

function describe(payload: Record<string, unknown>, nowMs: number): string {
  const client = CLIENT_CLAIMS.find((name) => typeof payload[name] === 'string')
  const shown = ['aud', 'iss', ...(client ? [client] : [])]
    .filter((name) => payload[name] !== undefined)
    .map((name) => `${name} ${JSON.stringify(payload[name])}`)
  const { exp } = payload
  const life = typeof exp === 'number' ? [`expires in ${spanText(exp - nowMs / 1000)}`] : []
  return [...shown, ...life].join(', ') || 'a JWT without the usual claims'
}
