/** What to do about the error responses of AD FS. Its numbers are the same in all languages, its texts are not. */
import type { Remedy } from './remedy.ts'

const PERMIT =
  'In AD FS Management, Application Groups > the group > the Web API > Client permissions, add the server application and tick a scope (openid will do). ' +
  'Or run `Grant-AdfsApplicationPermission -ClientRoleIdentifier <client ID> -ServerRoleIdentifier <audience> -ScopeNames openid`.'

export const ADFS: readonly Remedy[] = [
  {
    unmistakable: true,
    hint: /MSIS9602\b/,
    step: 'AD FS knows no Web API with that identifier: in AD FS Management, Application Groups > the group > the Web API > Identifiers, copy it to WFG_AUDIENCE character for character; it must be in the group of the server application.',
  },
  { unmistakable: true, hint: /MSIS(9605|9611|9321)\b/, step: PERMIT },
  {
    unmistakable: true,
    hint: /MSIS9607\b/,
    step: 'AD FS knows no such client: in AD FS Management, Application Groups > the group > the server application, copy Client Identifier to WFG_CLIENT_ID.',
  },
  {
    unmistakable: true,
    hint: /MSIS(9622|9267)\b/,
    step: 'The client secret is wrong or did not arrive: in AD FS Management, Application Groups > the group > the server application > Credentials, reset it and copy it to WFG_CLIENT_SECRET; WFG_CLIENT_AUTH must fit.',
  },
  {
    error: ['invalid_resource'],
    step: 'In AD FS Management, Application Groups > the group > the Web API > Identifiers, copy the identifier to WFG_AUDIENCE character for character.',
  },
  { error: ['access_denied', 'unauthorized_client'], step: PERMIT },
]
