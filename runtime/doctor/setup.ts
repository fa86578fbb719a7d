/** What has to be set up once before a script gets a token, and where each value is found: as data, by provider. */
import type { ProviderName } from '../settings/setting_rules.ts'

interface Setup {
  readonly name: string
  /** Gives issuer, client ID and client secret. */
  readonly register: string
  /** Gives the audience. */
  readonly authorise: string
}

export const SETUPS: Partial<Record<ProviderName, Setup>> = {
  auth0: {
    name: 'Auth0',
    register:
      'Applications > Applications > Create Application, type Machine to Machine. From its Settings: Domain makes WFG_ISSUER (https://<domain>/), Client ID is WFG_CLIENT_ID, Client Secret is WFG_CLIENT_SECRET',
    authorise:
      'Applications > APIs > WorkflowGen GraphQL API > Application Access: authorise the application. From its Settings: Identifier is WFG_AUDIENCE',
  },
  entra: {
    name: 'Microsoft Entra',
    register:
      'App registrations > New registration. From its Overview: Directory (tenant) ID makes WFG_ISSUER (https://login.microsoftonline.com/<tenant id>/v2.0), Application (client) ID is WFG_CLIENT_ID. Certificates & secrets > New client secret: its Value is WFG_CLIENT_SECRET',
    authorise:
      'App registrations > the application > API permissions: add the WorkflowGen GraphQL API. From Expose an API of that API: Application ID URI is WFG_AUDIENCE',
  },
  'entra-v1': {
    name: 'Azure AD v1',
    register:
      'App registrations > New registration. From its Overview: Directory (tenant) ID makes WFG_ISSUER (https://sts.windows.net/<tenant id>/), Application (client) ID is WFG_CLIENT_ID. Certificates & secrets > New client secret: its Value is WFG_CLIENT_SECRET',
    authorise:
      'App registrations > the application > API permissions: add the WorkflowGen GraphQL API. From Expose an API of that API: Application ID URI is WFG_AUDIENCE',
  },
  adfs: {
    name: 'AD FS',
    register:
      'AD FS Management > Application Groups > the group of the WorkflowGen GraphQL API > Add application > Server application. WFG_ISSUER is https://<host>/adfs, Client Identifier is WFG_CLIENT_ID, the shared secret that it generates is WFG_CLIENT_SECRET',
    authorise:
      'In the same group, the Web API > Client permissions: add the server application. From its Identifiers: WFG_AUDIENCE',
  },
  okta: {
    name: 'Okta',
    register:
      'Applications > Create App Integration > API Services; under General untick "Require … (DPoP) header in token requests". Client ID is WFG_CLIENT_ID, Client secret is WFG_CLIENT_SECRET; Security > API > the authorization server > Issuer URI is WFG_ISSUER',
    authorise:
      'Security > API > the authorization server > Access Policies: a policy for the application with a rule that ticks Client Credentials. From Settings: Audience is WFG_AUDIENCE; from Scopes: a scope of it is WFG_SCOPE',
  },
}

export const REGISTRATION =
  'Administration > Applications > New application. Name, Description, Type "Non-interactive Client", Impersonate username (the script gets that user\'s rights), Client ID (the one from step 1), Active checked. WFG_GRAPHQL_URL is WorkflowGen\'s address with /graphql at its end, as in https://workflow.example.com/wfgen/graphql'

/** Which of the three steps gives a setting. */
const GIVEN_BY: Readonly<Record<string, 'register' | 'authorise'>> = {
  WFG_ISSUER: 'register',
  WFG_CLIENT_ID: 'register',
  WFG_CLIENT_SECRET: 'register',
  WFG_AUDIENCE: 'authorise',
}

/** @param provider undefined where nothing says which it is: then each is described */
export function setupText(provider: ProviderName | undefined): string {
  const known = provider === undefined ? undefined : SETUPS[provider]
  const setups = known ? [known] : Object.values(SETUPS).filter(({ name }) => name !== SETUPS['entra-v1']?.name)
  const each = (key: 'register' | 'authorise') => setups.map((setup) => `   ${setup.name}: ${setup[key]}.`)
  return [
    'Three things are done once. They give the settings, which go into a file .env beside tasks.ts (the command `init` asks for them and writes it; .env.example explains each) or into the environment.',
    '',
    '1. At the identity provider, register an application for the script, named after it.',
    ...each('register'),
    '2. There too, authorise that application on the API "WorkflowGen GraphQL API".',
    ...each('authorise'),
    '3. In WorkflowGen, register it as well.',
    `   ${REGISTRATION}.`,
    '',
    'Then run `doctor` again. To try everything without a server first, add --profile sandbox to any command.',
  ].join('\n')
}

/** Where the settings that have these names are found; each place once. */
export function placesOf(names: readonly string[], provider: ProviderName | undefined): string[] {
  const setup = provider === undefined ? undefined : SETUPS[provider]
  const places = names.map((name) => {
    if (name === 'WFG_GRAPHQL_URL') return "WFG_GRAPHQL_URL is WorkflowGen's address with /graphql at its end."
    const key = GIVEN_BY[name]
    return setup && key ? `${setup.name}: ${setup[key]}.` : ''
  })
  return [...new Set(places)].filter(Boolean)
}
