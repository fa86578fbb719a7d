/** Identity providers as data: where each one's token endpoint is, and in which parameter it wants the API's name. */
import type { Config } from '../config.ts'
import type { ConfigProblem } from '../errors.ts'
import type { ProviderName } from '../setting_rules.ts'

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
}

const ENTRA_ISSUER = {
  pattern: /^\/(?!(?:common|organizations|consumers)(?:\/|$))[^/]+/,
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
  },
  'entra-v1': {
    urls: /^(sts\.windows\.net\/|login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)\/[^/]+\/oauth2\/token\/?$)/,
    tokenPath: (issuer) => `/${tenantOf(issuer)}/oauth2/token`,
    issuerPath: ENTRA_ISSUER,
    target: (resource) => ({ resource }),
    takesResource: true,
    needs: ['audience', 'resource'],
  },
  entra: {
    urls: /^login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)\//,
    tokenPath: (issuer) => `/${tenantOf(issuer)}/oauth2/v2.0/token`,
    issuerPath: ENTRA_ISSUER,
    // An identifier that ends with a slash keeps it: it takes two then.
    target: (audience) => ({ scope: audience.endsWith('/.default') ? audience : `${audience}/.default` }),
    takesResource: false,
    needs: ['audience', 'resource', 'scope'],
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
  },
  adfs: {
    urls: /^[^/]+\/adfs(\/|$)/i,
    tokenPath: () => '/adfs/oauth2/token',
    target: (resource) => ({ resource }),
    takesResource: true,
    needs: ['audience', 'resource', 'scope'],
  },
  oidc: { target: (audience) => ({ audience }), takesResource: true, needs: [] },
  sandbox: {
    tokenPath: () => '/oauth/token',
    target: (audience) => ({ audience }),
    takesResource: false,
    needs: ['audience'],
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
  const { needs, issuerPath } = PRESETS[provider]
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
