/**
 * The applications that the sandbox knows, one for each state of an application: at the identity provider (its client
 * grant, its grant type) and in WorkflowGen (registered, active). Their ids and secrets are public and open only a sandbox.
 */

/** Identifier of the API "WorkflowGen GraphQL API", the audience of a token. It is only a name, not an address. */
export const AUDIENCE = 'https://workflowgen.example.com/wfgen/graphql'

/** Scopes of that API. None is required, and each is granted on request. */
export const API_SCOPES = 'default wfgen-graphql-full-access'

export interface SandboxApplication {
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  /** At the identity provider: whether the application may ask for a token for the API. */
  readonly clientGrant: boolean
  /** At the identity provider: whether the grant type client_credentials is allowed. */
  readonly grantTypeAllowed: boolean
  /** In WorkflowGen: the "Non-interactive Client" with this client id, or undefined. */
  readonly registration: { readonly impersonateUserName: string; readonly active: boolean } | undefined
}

export const APPLICATIONS = {
  /** Registered for a user with all rights. `Sandbox.settings` has this one. */
  scripts: application('scripts', { registration: { impersonateUserName: 'john_smith', active: true } }),
  /** Registered for a user who sees only their own requests. */
  clerk: application('clerk', { registration: { impersonateUserName: 'emma_clark', active: true } }),
  /** Gets a token, but is not registered in WorkflowGen. */
  unregistered: application('unregistered', {}),
  /** Gets a token, but its registration in WorkflowGen is not active. */
  inactive: application('inactive', { registration: { impersonateUserName: 'john_smith', active: false } }),
  /** Not authorised on the API at the identity provider. */
  withoutClientGrant: application('without-client-grant', { clientGrant: false }),
  /** Registered at the identity provider as another type of application. */
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
