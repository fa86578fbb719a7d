/** The identity providers by name, and the token request that the settings and the provider make together. */
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

/** A provider is recognised by the first entry that fits, so v1 comes before v2. Sources: the providers' own documentation. */
export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  auth0: AUTH0,
  'entra-v1': ENTRA_V1,
  entra: ENTRA,
  okta: OKTA,
  adfs: ADFS,
  oidc: OIDC,
  sandbox: SANDBOX,
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
  return PROVIDERS[provider].assertion.thumbprint !== undefined
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
    const problem = `is not set; for private_key_jwt ${provider} needs the certificate that belongs to the key`
    problems.push({ name: 'WFG_CERTIFICATE_FILE', problem })
  }
  return problems
}

/** An explicit token endpoint beats the provider's preset beats discovery. */
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
  // Assigned, because a path that begins with two slashes would be resolved to another host.
  endpoint.pathname = path
  return endpoint
}
