/**
 * Identity providers as data: where each one's token endpoint is, in which parameter it wants the API's name, and what
 * it expects of a client assertion.
 */

import type { ConfigProblem } from '../core/errors.ts'
import type { Config } from '../settings/config.ts'
import type { ProviderName } from '../settings/setting_rules.ts'

interface Provider {
  /** Issuers and token endpoints by which it is recognised, without their scheme. */
  readonly urls?: RegExp
  /** Path of the token endpoint; undefined where discovery is needed. */
  readonly tokenPath?: (issuer: URL) => string
  /** Paths of an issuer from which that can be told, and what one looks like. */
  readonly issuerPath?: { readonly pattern: RegExp; readonly expected: string }
  /** What `WFG_AUDIENCE` alone becomes; so does `WFG_RESOURCE` where there is no parameter `resource`. */
  readonly target: (identifier: string) => Record<string, string>
  readonly takesResource: boolean
  /** One of these must be set, or the token would be for no API at all; none is needed where there are none. */
  readonly needs: readonly ('audience' | 'resource' | 'scope')[]
  readonly assertion: AssertionRules
}

/** What the JWT of `private_key_jwt` must say (RFC 7523), where providers differ. */
export interface AssertionRules {
  /** `host`: the token endpoint's origin with a slash at its end. `issuer`: the issuer, where one was set. */
  readonly audience: 'token endpoint' | 'issuer' | 'host'
  /** Signature of an RSA key. */
  readonly rsa: 'RS256' | 'PS256'
  /** Header with the certificate's thumbprint. */
  readonly thumbprint?: 'x5t' | 'x5t#S256'
}

const ENTRA_ISSUER = {
  pattern: /^\/(?!(?:common|organizations|consumers|oauth2|v2\.0)(?:\/|$))[^/]+/i,
  expected: 'name the tenant, as in https://login.microsoftonline.com/<tenant id>/v2.0',
}

/** The first that fits counts. Sources: the providers' own documentation of the client credentials grant. */
const PRESETS: Record<ProviderName, Provider> = {
  auth0: {
    urls: /^[^/]+\.auth0\.com\//,
    tokenPath: () => '/oauth/token',
    target: (audience) => ({ audience }),
    takesResource: false,
    needs: ['audience'],
    assertion: { audience: 'host', rsa: 'RS256' },
  },
  'entra-v1': {
    urls: /^(sts\.windows\.net\/|login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)\/[^/]+\/oauth2\/token\/?$)/,
    tokenPath: (issuer) => `/${tenantOf(issuer)}/oauth2/token`,
    issuerPath: ENTRA_ISSUER,
    target: (resource) => ({ resource }),
    takesResource: true,
    needs: ['audience', 'resource'],
    assertion: { audience: 'token endpoint', rsa: 'RS256', thumbprint: 'x5t' },
  },
  entra: {
    urls: /^login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)\//,
    tokenPath: (issuer) => `/${tenantOf(issuer)}/oauth2/v2.0/token`,
    issuerPath: ENTRA_ISSUER,
    // An identifier that ends with a slash keeps it: it takes two then.
    target: (audience) => ({ scope: audience.endsWith('/.default') ? audience : `${audience}/.default` }),
    takesResource: false,
    needs: ['audience', 'resource', 'scope'],
    assertion: { audience: 'token endpoint', rsa: 'PS256', thumbprint: 'x5t#S256' },
  },
  okta: {
    urls: /^[^/]+\.(okta(preview|-emea|-gov)?\.com|okta\.mil)\//,
    tokenPath: (issuer) => `${issuer.pathname.replace(/\/$/, '')}/v1/token`,
    issuerPath: {
      pattern: /^\/oauth2\/[^/]+\/?$/,
      expected: 'name the authorization server, as in https://acme.okta.com/oauth2/default',
    },
    // The audience is fixed for each authorization server, which also has a default scope where it was set up for this.
    target: () => ({}),
    takesResource: true,
    needs: [],
    assertion: { audience: 'token endpoint', rsa: 'RS256' },
  },
  adfs: {
    urls: /^[^/]+\/adfs(\/|$)/i,
    tokenPath: () => '/adfs/oauth2/token',
    target: (resource) => ({ resource }),
    takesResource: true,
    needs: ['audience', 'resource', 'scope'],
    assertion: { audience: 'token endpoint', rsa: 'RS256', thumbprint: 'x5t' },
  },
  oidc: {
    target: (audience) => ({ audience }),
    takesResource: true,
    needs: [],
    assertion: { audience: 'issuer', rsa: 'RS256' },
  },
  sandbox: {
    tokenPath: () => '/oauth/token',
    target: (audience) => ({ audience }),
    takesResource: false,
    needs: ['audience'],
    assertion: { audience: 'issuer', rsa: 'RS256' },
  },
}

/** Azure AD v1 names itself by another host in its tokens than the one that issues them. */
const ENTRA_V1_ISSUER_HOST = 'sts.windows.net'
const ENTRA_V1_AUTHORITY = 'https://login.microsoftonline.com'

export interface TokenRequestPlan {
  readonly provider: ProviderName
  /** Undefined: to be discovered from the issuer. */
  readonly tokenEndpoint: URL | undefined
  readonly issuer: string
  /** Parameters besides those of the grant and the client's authentication. */
  readonly parameters: Readonly<Record<string, string>>
  readonly assertion: AssertionRules
}

/** Whether `private_key_jwt` needs the certificate as well. */
export function needsCertificate(provider: ProviderName): boolean {
  return PRESETS[provider].assertion.thumbprint !== undefined
}

/** The provider that was set, or the one whose token endpoint or issuer it is; `oidc` where it is none of the known. */
export function providerOf(config: Config): ProviderName {
  // The parameters go to the token endpoint, so that decides where it says enough.
  const urls = [config.tokenEndpoint, config.issuer === undefined ? undefined : new URL(config.issuer)]
  return config.provider ?? urls.map(presetOf).find((name) => name !== undefined) ?? 'oidc'
}

/** What the provider needs and the settings lack. */
export function providerProblems(config: Config): ConfigProblem[] {
  const provider = providerOf(config)
  const { needs, issuerPath, assertion } = PRESETS[provider]
  const problems: ConfigProblem[] = []
  if (needs.length > 0 && !needs.some((name) => config[name])) {
    const problem = `is not set; ${provider} needs the identifier of the WorkflowGen GraphQL API`
    problems.push({ name: 'WFG_AUDIENCE', problem })
  }
  if (
    issuerPath &&
    !config.tokenEndpoint &&
    config.issuer &&
    !issuerPath.pattern.test(new URL(config.issuer).pathname)
  ) {
    problems.push({ name: 'WFG_ISSUER', problem: `must ${issuerPath.expected}` })
  }
  if (config.clientAuth === 'private_key_jwt' && assertion.thumbprint && !config.certificateFile) {
    const problem = `is not set; for private_key_jwt ${provider} needs the certificate that belongs to the key`
    problems.push({ name: 'WFG_CERTIFICATE_FILE', problem })
  }
  return problems
}

/** An explicit token endpoint beats the provider's preset beats discovery. */
export function planTokenRequest(config: Config): TokenRequestPlan {
  const provider = providerOf(config)
  const issuer = config.issuer ?? config.tokenEndpoint!.origin
  const { target, takesResource } = PRESETS[provider]
  const identifier = config.audience ?? (takesResource ? undefined : config.resource)
  return {
    provider,
    issuer,
    assertion: PRESETS[provider].assertion,
    tokenEndpoint: config.tokenEndpoint ?? presetEndpoint(provider, new URL(issuer)),
    parameters: {
      ...(identifier ? target(identifier) : {}),
      ...(config.resource && takesResource ? { resource: config.resource } : {}),
      ...(config.scope ? { scope: config.scope } : {}),
      ...(config.organization ? { organization: config.organization } : {}),
    },
  }
}

// --- internal ---

function presetOf(url: URL | undefined): ProviderName | undefined {
  if (!url) return undefined
  const names = Object.keys(PRESETS) as ProviderName[]
  return names.find((name) => PRESETS[name].urls?.test(`${url.host}${url.pathname}`))
}

function presetEndpoint(provider: ProviderName, issuer: URL): URL | undefined {
  const path = PRESETS[provider].tokenPath?.(issuer)
  if (path === undefined) return undefined
  const endpoint = new URL(issuer.hostname === ENTRA_V1_ISSUER_HOST ? ENTRA_V1_AUTHORITY : issuer.origin)
  // Assigned, because a path that begins with two slashes would be resolved to another host.
  endpoint.pathname = path
  return endpoint
}

function tenantOf(issuer: URL): string {
  return issuer.pathname.split('/')[1] ?? ''
}
