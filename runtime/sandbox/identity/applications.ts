/**
 * The applications that the sandbox knows, one for each state in which an application can be: at the identity provider
 * (its client grant, its grant type) and in WorkflowGen (registered, active). Ids and secrets are fixed, so that
 * tests and readers can name them; they open nothing but a sandbox.
 */

/** Identifier of the API "WorkflowGen GraphQL API", the audience of a token. It is a name and is never resolved. */
export const AUDIENCE = 'https://workflowgen.example.com/wfgen/graphql'

/** Scopes of that API. None is needed; one that is asked for is granted. */
export const API_SCOPES = 'default wfgen-graphql-full-access'

export interface SandboxApplication {
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  /** At the identity provider: whether the application may ask for a token for the API. */
  readonly clientGrant: boolean
  /** At the identity provider: whether the grant type client_credentials is allowed. */
  readonly grantTypeAllowed: boolean
  /** In WorkflowGen: the "Non-interactive Client" that has this client id; undefined where there is none. */
  readonly registration: { readonly impersonateUserName: string; readonly active: boolean } | undefined
}

export const APPLICATIONS = {
  /** Registered for a user with all rights; the one in `Sandbox.settings`. */
  scripts: application('scripts', { registration: { impersonateUserName: 'john_smith', active: true } }),
  /** Registered for a user who sees own requests only. */
  clerk: application('clerk', { registration: { impersonateUserName: 'emma_clark', active: true } }),
  /** Gets a token; WorkflowGen does not know it. */
  unregistered: application('unregistered', {}),
  /** Gets a token; its registration in WorkflowGen is not active. */
  inactive: application('inactive', { registration: { impersonateUserName: 'john_smith', active: false } }),
  /** Not authorised on the API at the identity provider. */
  withoutClientGrant: application('without-client-grant', { clientGrant: false }),
  /** Registered at the identity provider as an application of another kind. */
  withoutGrantType: application('without-grant-type', { grantTypeAllowed: false }),
} as const

export function applicationOf(clientId: unknown): SandboxApplication | undefined {
  return Object.values(APPLICATIONS).find((known) => known.clientId === clientId)
}

// --- internal ---

function application(name: string, differences: Partial<SandboxApplication>): SandboxApplication {
  return {
    name,
    clientId: `sandbox-${name}`,
    clientSecret: `sandbox-secret-of-${name}`,
    clientGrant: true,
    grantTypeAllowed: true,
    registration: undefined,
    ...differences,
  }
}
