/** What is known of an identity provider: its protocol, its error responses, and how it is set up. */
import type { ClientAuth, SettingName } from '../settings/setting_rules.ts'

export interface Provider extends Protocol {
  /** The first row that fits an error response counts. */
  readonly remedies: readonly Remedy[]
  /** How an administrator sets it up; undefined for the sandbox, which needs no set-up. */
  readonly guide?: Guide
}

interface Protocol {
  /** Matches the provider's issuers and token endpoints, without their scheme. */
  readonly urls?: RegExp
  /** Path of the token endpoint; undefined if it must be discovered. */
  readonly tokenPath?: (issuer: URL) => string
  /** The issuer paths from which the token endpoint follows, and an example. */
  readonly issuerPath?: { readonly pattern: RegExp; readonly expected: string }
  /** The request parameter that `WFG_AUDIENCE` becomes. `WFG_RESOURCE` too, if the provider takes no `resource`. */
  readonly target: (identifier: string) => Record<string, string>
  readonly takesResource: boolean
  /** At least one of these must be set, or the token would be for no API. Empty if none is needed. */
  readonly needs: readonly ('audience' | 'resource' | 'scope')[]
  readonly assertion: AssertionRules
}

/** What the JWT of `private_key_jwt` must contain (RFC 7523), where providers differ. */
export interface AssertionRules {
  /** `host`: the origin of the token endpoint, followed by a slash. `issuer`: the issuer, if one is set. */
  readonly audience: 'token endpoint' | 'issuer' | 'host'
  /** Signature algorithm of an RSA key. */
  readonly rsa: 'RS256' | 'PS256'
  /** Header that carries the certificate's thumbprint. */
  readonly thumbprint?: 'x5t' | 'x5t#S256'
}

/**
 * What to do about one kind of error response. Providers change their words and numbers, so a row only chooses a next
 * step; it does not decide whether the request is repeated.
 */
export interface Remedy {
  /** `error` of the error response (RFC 6749 section 5.2). Default: any. */
  readonly error?: readonly string[]
  /** No other provider answers this, so the row also applies if the provider has a host name of its own. */
  readonly unmistakable?: true
  /** Found in the response's description, error numbers or text. Default: any. */
  readonly hint?: RegExp
  /** HTTP status. Default: any. */
  readonly status?: number
  /** The next step: the screen and the field, or the setting. */
  readonly step: string
}

export interface Guide {
  readonly label: string
  /** The questions of `init`, in this order; the client secret or key comes after the client ID. */
  readonly questions: readonly SettingQuestion[]
  /** Where the client secret is found: the page and the field. */
  readonly secret: string
  /** The client authentication that an application has by default. */
  readonly clientAuth: ClientAuth
  /** What must be set up at the provider. */
  readonly steps: (values: GuideValues) => readonly string[]
  /** The same for the provider's own command line, if it has one. */
  readonly commands?: (values: GuideValues) => readonly string[]
}

export interface SettingQuestion {
  readonly name: SettingName
  readonly label: string
  /** Where the answer is found: the page and the field. */
  readonly where: string
  readonly example?: string
  /** Makes the setting of a short answer. */
  readonly complete?: (answer: string) => string
}

/** What a guide's steps and commands name. */
export interface GuideValues {
  readonly clientId: string
  /** Identifier of the WorkflowGen GraphQL API; empty if the provider needs none. */
  readonly audience: string
}

export function issuerQuestion(question: Omit<SettingQuestion, 'name'>): SettingQuestion {
  return { name: 'WFG_ISSUER', ...question }
}

export function clientIdQuestion(label: string, where: string): SettingQuestion {
  return { name: 'WFG_CLIENT_ID', label, where }
}

export function audienceQuestion(label: string, where: string): SettingQuestion {
  return { name: 'WFG_AUDIENCE', label, where, example: 'https://workflow.example.com/wfgen/graphql' }
}

/** @param answer a host name, or an address with or without a path */
export function originUrl(answer: string, path: string): string {
  const url = /^[a-z]+:\/\//i.test(answer) ? answer : `https://${answer}`
  if (!URL.canParse(url) || new URL(url).pathname !== '/') return url
  return `${new URL(url).origin}${path}`
}
