/** The identity providers by name, and the token request that follows from the settings and the provider. */
import type { ConfigProblem } from '../core/errors.ts'
import type { Config } from '../settings/config.ts'
import type { ProviderName } from '../settings/setting_rules.ts'
import { ADFS } from './adfs.ts'
import { AUTH0 } from './auth0.ts'
import { ENTRA, ENTRA_V1 } from './entra.ts'
import { OIDC } from './oidc.ts'
import { OKTA } from './okta.ts'
import type { AssertionRules, Provider } from './provider.ts'
import { SANDBOX } from './sandbox.ts'

/** The first entry whose `urls` match wins, so v1 comes before v2. Sources: the providers' documentation. */
export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  auth0: AUTH0,
  'entra-v1': ENTRA_V1,
  entra: ENTRA,
  okta: OKTA,
  adfs: ADFS,
  oidc: OIDC,
  sandbox: SANDBOX,
}

/** The issuer in tokens of Azure AD v1 has a different host than the token endpoint. */
const ENTRA_V1_ISSUER_HOST = 'sts.windows.net'
const ENTRA_V1_AUTHORITY = 'https://login.microsoftonline.com'

export interface TokenRequestPlan {
  readonly provider: ProviderName
  /** Undefined if it must be discovered from the issuer. */
  readonly tokenEndpoint: URL | undefined
  readonly issuer: string
  /** Parameters other than those of the grant and of client authentication. */
  readonly parameters: Readonly<Record<string, string>>
  readonly assertion: AssertionRules
}

/** True if `private_key_jwt` needs the certificate too. */
export function needsCertificate(provider: ProviderName): boolean {
  return PROVIDERS[provider].assertion.thumbprint !== undefined
}

/** Returns the provider in the settings, or the one that the token endpoint or the issuer belongs to; else `oidc`. */
export function providerOf(config: Config): ProviderName {
  // The token endpoint comes first, because it receives the parameters.
  const urls = [config.tokenEndpoint, config.issuer === undefined ? undefined : new URL(config.issuer)]
  return config.provider ?? urls.map(presetOf).find((name) => name !== undefined) ?? 'oidc'
}

/** Returns a problem for each setting that the provider needs and that is missing or invalid. */
export function providerProblems(config: Config): ConfigProblem[] {
  const provider = providerOf(config)
  const { needs, issuerPath, assertion } = PROVIDERS[provider]
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
    const problem = `is not set; with private_key_jwt, ${provider} needs the certificate that belongs to the key`
    problems.push({ name: 'WFG_CERTIFICATE_FILE', problem })
  }
  return problems
}

/** The token endpoint comes from the settings, else from the provider's preset, else from discovery. */
export function planTokenRequest(config: Config): TokenRequestPlan {
  const provider = providerOf(config)
  const issuer = config.issuer ?? config.tokenEndpoint!.origin
  const { target, takesResource } = PROVIDERS[provider]
  const identifier = config.audience ?? (takesResource ? undefined : config.resource)
  return {
    provider,
    issuer,
    assertion: PROVIDERS[provider].assertion,
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
  const names = Object.keys(PROVIDERS) as ProviderName[]
  return names.find((name) => PROVIDERS[name].urls?.test(`${url.host}${url.pathname}`))
}

function presetEndpoint(provider: ProviderName, issuer: URL): URL | undefined {
  const path = PROVIDERS[provider].tokenPath?.(issuer)
  if (path === undefined) return undefined
  const endpoint = new URL(issuer.hostname === ENTRA_V1_ISSUER_HOST ? ENTRA_V1_AUTHORITY : issuer.origin)
  // Assigned, because a relative URL that starts with two slashes would name another host.
  endpoint.pathname = path
  return endpoint
}
