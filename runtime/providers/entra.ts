/** Microsoft Entra ID (v2.0) and Azure AD v1. Remedies go by the error number, because `error` varies for one number. */
import {
  audienceQuestion,
  clientIdQuestion,
  type Guide,
  type GuideValues,
  issuerQuestion,
  type Provider,
  type Remedy,
} from './provider.ts'

const ENTRA_ISSUER = {
  pattern: /^\/(?!(?:common|organizations|consumers|oauth2|v2\.0)(?:\/|$))[^/]+/i,
  expected: 'name the tenant, as in https://login.microsoftonline.com/<tenant id>/v2.0',
}

const REMEDIES: readonly Remedy[] = [
  row(
    [7000215],
    'The client secret is wrong. In the Entra admin center, App registrations > the application > Certificates & secrets, add a client secret and copy its Value (not its Secret ID) to WFG_CLIENT_SECRET.',
  ),
  row(
    [7000222],
    'The client secret has expired. In the Entra admin center, App registrations > the application > Certificates & secrets, add another and copy its Value to WFG_CLIENT_SECRET. Note when it expires.',
  ),
  row(
    [700016],
    'This tenant has no such application. In the Entra admin center, App registrations > the application > Overview, copy Application (client) ID to WFG_CLIENT_ID, and Directory (tenant) ID into WFG_ISSUER.',
  ),
  row(
    [7000112, 70001],
    'The application is disabled. In the Entra admin center, Enterprise applications > the application > Properties, set "Enabled for users to sign in?" to Yes.',
  ),
  row(
    [90002],
    'There is no such tenant. In the Entra admin center, Overview, copy the Tenant ID into WFG_ISSUER, and check that the host in WFG_ISSUER is that of your cloud.',
  ),
  row(
    [500011, 50001],
    'This tenant has no API with that identifier. In the Entra admin center, App registrations > the WorkflowGen GraphQL API > Expose an API, copy the Application ID URI to WFG_AUDIENCE exactly. ' +
      'If the API belongs to another tenant, an administrator must first consent to it. Then it appears under Enterprise applications.',
  ),
  row(
    [501051, 50105],
    'The API accepts only assigned applications. In the Entra admin center, App registrations > the application > API permissions, add an Application permission (app role) of the WorkflowGen GraphQL API and grant admin consent. ' +
      'Or set Enterprise applications > the API > Properties > "Assignment required?" to No.',
  ),
  row(
    [1002012, 70011],
    'The scope must be the Application ID URI of the WorkflowGen GraphQL API followed by /.default: set WFG_AUDIENCE to the URI alone and remove WFG_SCOPE.',
  ),
  row([700022], 'A token is for one API only. Leave one API in WFG_SCOPE, or set WFG_AUDIENCE and remove WFG_SCOPE.'),
  row(
    [901002],
    'The v2.0 token endpoint takes no resource. Set WFG_AUDIENCE instead of WFG_RESOURCE with WFG_PROVIDER=entra, or use the v1 endpoint with WFG_PROVIDER=entra-v1.',
  ),
  row(
    [900144],
    'The request lacks the parameter named above. Set WFG_AUDIENCE to the Application ID URI of the WorkflowGen GraphQL API, and WFG_PROVIDER to entra or entra-v1.',
  ),
  row(
    [7000216, 7000218],
    'The request had no client secret and no client assertion. Set WFG_CLIENT_AUTH to the method that the application has under Certificates & secrets, and set WFG_CLIENT_SECRET or WFG_PRIVATE_KEY_FILE.',
  ),
  row(
    [700027, 50012],
    'The client assertion is not accepted. In the Entra admin center, App registrations > the application > Certificates & secrets > Certificates, upload the certificate of WFG_CERTIFICATE_FILE. ' +
      'It must belong to the key in WFG_PRIVATE_KEY_FILE, and the clock of this computer must be right.',
  ),
  row(
    [9001023],
    'Name the tenant in WFG_ISSUER, as in https://login.microsoftonline.com/<tenant id>/v2.0. The client credentials grant does not work with /common, /organizations or /consumers.',
  ),
  row(
    [53003],
    'A Conditional Access policy for workload identities refuses the request, perhaps because of its IP address. Ask whoever manages Protection > Conditional Access in the Entra admin center.',
  ),
  row(
    [50196],
    'The same token was requested too often. Wait some minutes, and keep WFG_TOKEN_CACHE=disk, so that all scripts share one token.',
  ),
  row([90006, 90012, 90024, 90033, 90055], 'Microsoft Entra is busy, or limits this tenant for now. Try again later.'),
]

export const ENTRA: Provider = {
  urls: /^login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)\//,
  tokenPath: (issuer) => `/${tenantOf(issuer)}/oauth2/v2.0/token`,
  issuerPath: ENTRA_ISSUER,
  // An identifier that ends with a slash gets a second one.
  target: (audience) => ({ scope: audience.endsWith('/.default') ? audience : `${audience}/.default` }),
  takesResource: false,
  needs: ['audience', 'resource', 'scope'],
  assertion: { audience: 'token endpoint', rsa: 'PS256', thumbprint: 'x5t#S256' },
  remedies: REMEDIES,
  guide: guide('Microsoft Entra ID', 'v2', (tenant) => `https://login.microsoftonline.com/${tenant}/v2.0`),
}

export const ENTRA_V1: Provider = {
  urls: /^(sts\.windows\.net\/|login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)\/[^/]+\/oauth2\/token\/?$)/,
  tokenPath: (issuer) => `/${tenantOf(issuer)}/oauth2/token`,
  issuerPath: ENTRA_ISSUER,
  target: (resource) => ({ resource }),
  takesResource: true,
  needs: ['audience', 'resource'],
  assertion: { audience: 'token endpoint', rsa: 'RS256', thumbprint: 'x5t' },
  remedies: REMEDIES,
  guide: guide(
    'Azure AD v1, for an API that accepts v1 tokens',
    'v1',
    (tenant) => `https://sts.windows.net/${tenant}/`,
  ),
}

// --- internal ---

function guide(label: string, version: 'v1' | 'v2', urlOf: (tenant: string) => string): Guide {
  return {
    label,
    questions: [
      issuerQuestion({
        label: 'Directory (tenant) ID',
        where: 'Entra admin center, App registrations > your application > Overview: Directory (tenant) ID',
        example: '11111111-2222-3333-4444-555555555555',
        complete: (answer) => (/^[\w.-]+$/.test(answer) ? urlOf(answer) : answer),
      }),
      clientIdQuestion(
        'Application (client) ID',
        'Entra admin center, App registrations > your application > Overview: Application (client) ID',
      ),
      audienceQuestion(
        'Application ID URI',
        'Entra admin center, App registrations > WorkflowGen GraphQL API > Expose an API: Application ID URI',
      ),
    ],
    secret:
      'Entra admin center, App registrations > your application > Certificates & secrets: the column Value (shown only once), not Secret ID',
    clientAuth: 'client_secret_post',
    steps: ({ clientId, audience }: GuideValues) => [
      `Entra admin center, App registrations: the application ${clientId} has a client secret or a certificate that has not expired.`,
      `App registrations > WorkflowGen GraphQL API: its Application ID URI is ${audience}, and it accepts ${version} tokens. If ` +
        `"Assignment required" is on for it under Enterprise applications, ${clientId} has an application role of it, with admin consent.`,
    ],
  }
}

function row(numbers: readonly number[], step: string): Remedy {
  return { unmistakable: true, hint: new RegExp(`AADSTS(${numbers.join('|')})\\b`), step }
}

function tenantOf(issuer: URL): string {
  return issuer.pathname.split('/')[1] ?? ''
}
