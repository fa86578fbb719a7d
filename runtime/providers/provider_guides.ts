/** The one-time set-up at each identity provider as data: what is asked, where it is found, and what has to be done there. */
import type { ClientAuth, ProviderName, SettingName } from '../settings/setting_rules.ts'

/** A setting as a question to a person. */
export interface SettingQuestion {
  readonly name: SettingName
  readonly label: string
  /** Where the answer is found. */
  readonly where: string
  readonly example?: string
  /** The setting that a short answer stands for. */
  readonly complete?: (answer: string) => string
}

/** What steps and commands name. */
export interface GuideValues {
  readonly clientId: string
  /** Identifier of the WorkflowGen GraphQL API; empty where it was not needed. */
  readonly audience: string
}

export interface ProviderGuide {
  readonly label: string
  /** Asked in this order, the client's own secret or key after them. */
  readonly questions: readonly SettingQuestion[]
  /** Where the client secret is found. */
  readonly secret: string
  /** As the provider sets up an application when nobody changes it. */
  readonly clientAuth: ClientAuth
  /** What has to be there, besides the application in WorkflowGen. */
  readonly steps: (values: GuideValues) => readonly string[]
  /** The same for a command line, where the provider has one. */
  readonly commands?: (values: GuideValues) => readonly string[]
}

export const GRAPHQL_URL: SettingQuestion = {
  name: 'WFG_GRAPHQL_URL',
  label: 'GraphQL endpoint of WorkflowGen',
  where: 'the address you open WorkflowGen with, up to /wfgen, and /graphql behind it',
  example: 'https://workflow.example.com/wfgen/graphql',
}

/** In WorkflowGen itself, whatever the provider. */
export function workflowgenStep({ clientId }: GuideValues): string {
  return (
    'WorkflowGen, Administration > Applications > New application: Name, Description, Type "Non-interactive Client", ' +
    `Impersonate username (scripts get exactly that user's rights), Client ID ${clientId}, Active checked.`
  )
}

export const GUIDES: Readonly<Record<Exclude<ProviderName, 'sandbox'>, ProviderGuide>> = {
  auth0: {
    label: 'Auth0',
    questions: [
      issuer({
        label: 'Domain',
        where: 'Auth0, Applications > your machine-to-machine application > Settings',
        example: 'acme.eu.auth0.com',
        complete: (answer) => originUrl(answer, '/'),
      }),
      clientId(
        'Client ID',
        'on the same tab; where there is no application yet: auth0 apps create -n "wfg scripts" -t m2m -g credentials -a Post',
      ),
      audience('API identifier', 'Auth0, APIs > WorkflowGen GraphQL API > Settings: Identifier, to the letter'),
    ],
    secret: 'on the tab of the client ID',
    clientAuth: 'client_secret_post',
    steps: ({ clientId, audience }) => [
      `Auth0, Applications: the application ${clientId} is of the type Machine to Machine; under Credentials its authentication ` +
        'method is Client Secret (Post), unless it proves itself by a private key.',
      `Auth0, APIs > WorkflowGen GraphQL API (Identifier ${audience}) > Application Access, in older dashboards Machine to ` +
        `Machine Applications: the application ${clientId} is authorised.`,
    ],
    commands: ({ clientId, audience }) => [
      'auth0 login',
      'auth0 apis list --json',
      'auth0 apps create -n "wfg scripts" -t m2m -g credentials -a Post',
      `auth0 client-grants create -c ${shellWord(clientId)} -a ${shellWord(audience)} --subject-type client --allow-all-scopes --json`,
      'auth0 client-grants list --json',
    ],
  },
  entra: {
    label: 'Microsoft Entra ID',
    questions: [
      issuer({
        label: 'Directory (tenant) ID',
        where: 'Entra admin center, App registrations > your application > Overview',
        example: '11111111-2222-3333-4444-555555555555',
        complete: (answer) => tenantUrl(answer, (tenant) => `https://login.microsoftonline.com/${tenant}/v2.0`),
      }),
      clientId('Application (client) ID', 'on the same page'),
      audience('Application ID URI', 'App registrations > WorkflowGen GraphQL API > Expose an API'),
    ],
    secret:
      'App registrations > your application > Certificates & secrets: the Value, which is shown once, not the Secret ID',
    clientAuth: 'client_secret_post',
    steps: (values) => entraSteps(values, 'v2'),
  },
  'entra-v1': {
    label: 'Azure AD v1, for an API that accepts v1 tokens',
    questions: [
      issuer({
        label: 'Directory (tenant) ID',
        where: 'Entra admin center, App registrations > your application > Overview',
        example: '11111111-2222-3333-4444-555555555555',
        complete: (answer) => tenantUrl(answer, (tenant) => `https://sts.windows.net/${tenant}/`),
      }),
      clientId('Application (client) ID', 'on the same page'),
      audience('Application ID URI', 'App registrations > WorkflowGen GraphQL API > Expose an API'),
    ],
    secret:
      'App registrations > your application > Certificates & secrets: the Value, which is shown once, not the Secret ID',
    clientAuth: 'client_secret_post',
    steps: (values) => entraSteps(values, 'v1'),
  },
  adfs: {
    label: 'AD FS 2016 or newer',
    questions: [
      issuer({
        label: 'Federation service name',
        where: 'AD FS Management, Edit Federation Service Properties',
        example: 'adfs.example.com',
        complete: (answer) => originUrl(answer, '/adfs'),
      }),
      clientId(
        'Client identifier',
        "AD FS Management, Application Groups > WorkflowGen's group > your Server application",
      ),
      audience('Identifier of the Web API', 'in the same group, the Web API > Identifiers, to the letter'),
    ],
    secret: 'shown once when the Server application gets its shared secret; it can be reset there',
    clientAuth: 'client_secret_post',
    steps: ({ clientId, audience }) => [
      `AD FS Management, Application Groups > WorkflowGen's group: a Server application with the client identifier ${clientId} and a shared secret.`,
      `In the same group, the Web API with the identifier ${audience} > Client permissions: that Server application is listed, with the scope openid.`,
    ],
  },
  okta: {
    label: 'Okta',
    questions: [
      issuer({
        label: 'Issuer URI of the authorization server',
        where: 'Okta admin console, Security > API > Authorization Servers: a custom one, not the organization itself',
        example: 'https://acme.okta.com/oauth2/default',
        complete: (answer) => answer.replace(/\/+$/, ''),
      }),
      clientId('Client ID', 'Okta admin console, Applications > your API Services app > General'),
      {
        name: 'WFG_SCOPE',
        label: 'Scope (leave empty where the authorization server has a default scope)',
        where: 'the authorization server > Scopes; openid and profile are not for applications',
      },
    ],
    secret: 'on the page of the client ID',
    clientAuth: 'client_secret_basic',
    steps: ({ clientId }) => [
      `Okta admin console, Applications: ${clientId} is an API Services app, and under General > Proof of possession "Require DPoP" is ` +
        'unticked, because WorkflowGen takes bearer tokens.',
      `Security > API > your authorization server > Access Policies: a policy for ${clientId} with a rule that allows the grant type ` +
        'Client Credentials and the scope.',
    ],
  },
  oidc: {
    label: 'another OpenID provider',
    questions: [
      issuer({
        label: 'Issuer',
        where: 'its discovery document (/.well-known/openid-configuration) names it "issuer"; take it to the letter',
        example: 'https://login.example.com/',
      }),
      clientId('Client ID', 'of the client that was registered for scripts'),
      {
        name: 'WFG_AUDIENCE',
        label: 'Audience (leave empty where the provider wants none)',
        where: 'what it calls the WorkflowGen GraphQL API',
      },
      { name: 'WFG_SCOPE', label: 'Scope (leave empty for none)', where: 'what the provider wants for that API' },
    ],
    secret: 'where the client was registered',
    clientAuth: 'client_secret_post',
    steps: ({ clientId, audience }) => [
      `At the provider: the client ${clientId} may use the client credentials grant` +
        `${audience === '' ? '.' : `, and may ask for tokens for ${audience}.`}`,
    ],
  },
}

// --- internal ---

function issuer(question: Omit<SettingQuestion, 'name'>): SettingQuestion {
  return { name: 'WFG_ISSUER', ...question }
}

function clientId(label: string, where: string): SettingQuestion {
  return { name: 'WFG_CLIENT_ID', label, where }
}

function audience(label: string, where: string): SettingQuestion {
  return { name: 'WFG_AUDIENCE', label, where, example: 'https://workflow.example.com/wfgen/graphql' }
}

function entraSteps({ clientId, audience }: GuideValues, version: 'v1' | 'v2'): readonly string[] {
  return [
    `Entra admin center, App registrations: the application ${clientId} has a client secret or a certificate that has not expired.`,
    `App registrations > WorkflowGen GraphQL API: its Application ID URI is ${audience}, and it accepts ${version} tokens. Where ` +
      `"Assignment required" is on for it under Enterprise applications, ${clientId} has an application role of it, with admin consent.`,
  ]
}

/** A host name alone, or the address with or without a path. */
function originUrl(answer: string, path: string): string {
  const url = /^[a-z]+:\/\//i.test(answer) ? answer : `https://${answer}`
  if (!URL.canParse(url) || new URL(url).pathname !== '/') return url
  return `${new URL(url).origin}${path}`
}

function tenantUrl(answer: string, urlOf: (tenant: string) => string): string {
  return /^[\w.-]+$/.test(answer) ? urlOf(answer) : answer
}

/** Read alike by the shells of Unix and Windows as long as nobody's identifier holds more than a URL does. */
function shellWord(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `"${value.replace(/["\\$`]/g, '\\$&')}"`
}
