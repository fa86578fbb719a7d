import { suite } from 'uvu'
import { type Answered, remedied } from './_remedies.ts'

const adfs = suite('providers/adfs')

const CASES: Readonly<Record<string, Answered>> = {
  'a resource that it does not know': {
    status: 400,
    body: {
      error: 'invalid_resource',
      error_description:
        "MSIS9602: The received 'resource' parameter is invalid. The authorization server can not find a registered resource with the specified identifier.",
    },
    expect: /Web API > Identifiers, copy the exact identifier to WFG_AUDIENCE/,
  },
  'a client without permission': {
    status: 400,
    body: {
      error: 'unauthorized_client',
      error_description: 'MSIS9605: The client is not allowed to access the requested resource.',
    },
    expect: /Client permissions, add the server application .*Grant-AdfsApplicationPermission/,
  },
  'a client without permission, denied': {
    status: 400,
    body: { error: 'access_denied', error_description: 'MSIS9605: Der Zugriff ist nicht erlaubt.' },
    expect: /Client permissions/,
  },
  'a client that it does not know': {
    status: 400,
    body: {
      error: 'invalid_client',
      error_description:
        "MSIS9607: The 'client_id' parameter in the request is invalid. No registered client is found with this identifier.",
    },
    expect: /no such client.*Client Identifier to WFG_CLIENT_ID/,
  },
  'a scope that was not granted': {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'MSIS9611: The client has no permission for the scope.' },
    expect: /tick a scope/,
  },
  'a wrong secret': {
    status: 400,
    body: {
      error: 'invalid_client',
      error_description: 'MSIS9622: Client authentication failed. Please verify the credential provided.',
    },
    expect: /Credentials, reset it and copy it to WFG_CLIENT_SECRET/,
  },
  'no secret': {
    status: 400,
    body: { error: 'invalid_client', error_description: 'MSIS9267: No credentials were found.' },
    expect: /was not sent/,
  },
  'a client that is forbidden, on Windows 2012 R2': {
    status: 400,
    body: { error: 'invalid_request', error_description: 'MSIS9321: Received invalid OAuth request.' },
    expect: /Grant-AdfsApplicationPermission/,
  },
  'a resource, without a number': {
    status: 400,
    body: { error: 'invalid_resource' },
    expect: /Identifiers, copy the exact identifier to WFG_AUDIENCE/,
  },
}

for (const [what, answered] of Object.entries(CASES)) {
  adfs(`requestAccessToken() says what to do about ${what}`, () => remedied('adfs', answered))
}

adfs.run()
