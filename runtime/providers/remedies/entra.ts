/**
 * What to do about the error responses of Microsoft Entra ID and Azure AD v1. `error` is not the same for one number in all
 * places, so the number chooses the step; without a known one, `error` does.
 */
import type { Remedy } from './remedy.ts'

export const ENTRA: readonly Remedy[] = [
  row(
    [7000215],
    'The client secret is wrong: in the Entra admin center, App registrations > the application > Certificates & secrets, add a client secret and copy its Value (not its Secret ID) to WFG_CLIENT_SECRET.',
  ),
  row(
    [7000222],
    'The client secret has expired: in the Entra admin center, App registrations > the application > Certificates & secrets, add another and copy its Value to WFG_CLIENT_SECRET; note when it expires.',
  ),
  row(
    [700016],
    'This tenant has no such application: in the Entra admin center, App registrations > the application > Overview, copy Application (client) ID to WFG_CLIENT_ID, and Directory (tenant) ID into WFG_ISSUER.',
  ),
  row(
    [7000112, 70001],
    'The application is disabled: in the Entra admin center, Enterprise applications > the application > Properties, set "Enabled for users to sign in?" to Yes.',
  ),
  row(
    [90002],
    'There is no such tenant: in the Entra admin center, Overview, copy the Tenant ID into WFG_ISSUER, and check that its host is that of your cloud.',
  ),
  row(
    [500011, 50001],
    'This tenant has no API with that identifier: in the Entra admin center, App registrations > the WorkflowGen GraphQL API > Expose an API, copy the Application ID URI to WFG_AUDIENCE exactly. ' +
      'If it is an API of another tenant, an administrator must first consent to it, so that it appears under Enterprise applications.',
  ),
  row(
    [501051, 50105],
    'The API admits only what is assigned to it: in the Entra admin center, App registrations > the application > API permissions, add an Application permission (app role) of the WorkflowGen GraphQL API and grant admin consent; ' +
      'or set Enterprise applications > the API > Properties > "Assignment required?" to No.',
  ),
  row(
    [1002012, 70011],
    'The scope must be the Application ID URI of the WorkflowGen GraphQL API followed by /.default: set WFG_AUDIENCE to the URI alone and remove WFG_SCOPE.',
  ),
  row([700022], 'A token is for one API only: leave one in WFG_SCOPE, or set WFG_AUDIENCE and remove WFG_SCOPE.'),
  row(
    [901002],
    'The v2.0 token endpoint takes no resource: set WFG_AUDIENCE instead of WFG_RESOURCE with WFG_PROVIDER=entra, or use the v1 endpoint with WFG_PROVIDER=entra-v1.',
  ),
  row(
    [900144],
    'The request lacks the parameter that is named: set WFG_AUDIENCE to the Application ID URI of the WorkflowGen GraphQL API, and WFG_PROVIDER to entra or entra-v1.',
  ),
  row(
    [7000216, 7000218],
    'The client secret or the client assertion did not arrive: set WFG_CLIENT_AUTH to what the application has under Certificates & secrets, and WFG_CLIENT_SECRET or WFG_PRIVATE_KEY_FILE with it.',
  ),
  row(
    [700027, 50012],
    'The client assertion is not accepted: in the Entra admin center, App registrations > the application > Certificates & secrets > Certificates, upload the certificate of WFG_CERTIFICATE_FILE; ' +
      'it must belong to WFG_PRIVATE_KEY_FILE, and the clock of this computer must be right.',
  ),
  row(
    [9001023],
    'Name the tenant in WFG_ISSUER, as in https://login.microsoftonline.com/<tenant id>/v2.0: this grant has no /common, /organizations or /consumers.',
  ),
  row(
    [53003],
    'A Conditional Access policy for workload identities refuses it, perhaps for the address it comes from: ask who manages Protection > Conditional Access in the Entra admin center.',
  ),
  row(
    [50196],
    'The same token is requested again and again: wait some minutes, and keep WFG_TOKEN_CACHE=disk, so that all scripts share one token.',
  ),
  row([90006, 90012, 90024, 90033, 90055], 'Microsoft Entra is busy, or limits this tenant for now: try again later.'),
]

// --- internal ---

function row(numbers: readonly number[], step: string): Remedy {
  return { unmistakable: true, hint: new RegExp(`AADSTS(${numbers.join('|')})\\b`), step }
}
