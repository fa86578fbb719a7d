import { suite } from 'uvu'
import { remedied } from './_remedies.ts'

const entra = suite('providers/entra')

const TRACE = '5f3e8c1a-0000-4a4b-9d5e-2f8a6f6e0100'
const CORRELATION = '8a1c2b3d-1111-4c4d-8e8f-0a0b0c0d0e0f'

/** Number, `error`, HTTP status, and what is found in the remedy. */
const CASES: readonly (readonly [number: number, error: string, status: number, expect: RegExp])[] = [
  [
    7000215,
    'invalid_client',
    401,
    /Certificates & secrets, .*copy its Value \(not its Secret ID\) to WFG_CLIENT_SECRET/,
  ],
  [7000222, 'invalid_client', 401, /secret has expired.*Value to WFG_CLIENT_SECRET/],
  [
    700016,
    'unauthorized_client',
    400,
    /Application \(client\) ID to WFG_CLIENT_ID, and Directory \(tenant\) ID into WFG_ISSUER/,
  ],
  [7000112, 'unauthorized_client', 400, /disabled\. .*Enterprise applications/],
  [70001, 'unauthorized_client', 400, /disabled/],
  [90002, 'invalid_request', 400, /no such tenant.*WFG_ISSUER/],
  [500011, 'invalid_resource', 400, /Expose an API, copy the Application ID URI to WFG_AUDIENCE/],
  [50001, 'invalid_resource', 400, /Application ID URI/],
  [501051, 'invalid_grant', 400, /API permissions, add an Application permission .*grant admin consent/],
  [501051, 'invalid_client', 401, /API permissions/],
  [50105, 'invalid_grant', 400, /Assignment required/],
  [1002012, 'invalid_scope', 400, /followed by \/\.default/],
  [70011, 'invalid_scope', 400, /\/\.default/],
  [700022, 'invalid_scope', 400, /for one API only/],
  [901002, 'invalid_request', 400, /takes no resource\. Set WFG_AUDIENCE instead of WFG_RESOURCE/],
  [900144, 'invalid_request', 400, /lacks the parameter.*WFG_AUDIENCE/],
  [7000216, 'invalid_client', 401, /no client secret and no client assertion.*WFG_CLIENT_AUTH/],
  [7000218, 'invalid_request', 400, /no client secret and no client assertion/],
  [700027, 'invalid_client', 401, /upload the certificate of WFG_CERTIFICATE_FILE.*clock/],
  [50012, 'invalid_client', 401, /WFG_CERTIFICATE_FILE/],
  [9001023, 'invalid_request', 400, /Name the tenant in WFG_ISSUER/],
  [53003, 'access_denied', 400, /Conditional Access/],
  [50196, 'invalid_grant', 400, /requested too often.*WFG_TOKEN_CACHE=disk/],
  [90006, 'temporarily_unavailable', 503, /Try again later/],
  [90012, 'temporarily_unavailable', 503, /Try again later/],
  [90024, 'temporarily_unavailable', 503, /Try again later/],
  [90033, 'temporarily_unavailable', 503, /Try again later/],
  [90055, 'temporarily_unavailable', 429, /Try again later/],
]

for (const [number, error, status, expect] of CASES) {
  const body = {
    error,
    error_description: `AADSTS${number}: What it says may change. Trace ID: ${TRACE} Correlation ID: ${CORRELATION} Timestamp: 2026-01-01 00:00:00Z`,
    error_codes: [number],
    timestamp: '2026-01-01 00:00:00Z',
    trace_id: TRACE,
    correlation_id: CORRELATION,
  }
  for (const provider of ['entra', 'entra-v1', undefined] as const) {
    entra(`requestAccessToken() says what to do about AADSTS${number} (${error}) of ${provider ?? 'a proxy'}`, () =>
      remedied(provider, { status, body, expect, says: new RegExp(`AADSTS${number}: .*Trace ID: ${TRACE}`) }),
    )
  }
}

entra('requestAccessToken() goes by the number where the words are gone, and prints the numbers for the support', () =>
  remedied('entra', {
    status: 401,
    headers: { 'content-type': 'application/json', 'x-ms-request-id': '77aa-bb' },
    body: { error: 'invalid_client', error_codes: [7000215], trace_id: TRACE, correlation_id: CORRELATION },
    expect: /Certificates & secrets/,
    says: new RegExp(
      `For the provider's support: trace_id ${TRACE}, correlation_id ${CORRELATION}, x-ms-request-id 77aa-bb\\. $`,
    ),
  }),
)

entra('requestAccessToken() takes no longer number for a known one', () =>
  remedied('entra', {
    status: 401,
    body: { error: 'invalid_client', error_description: 'AADSTS70002155: Another one.' },
    expect: /^Check WFG_CLIENT_ID, WFG_CLIENT_SECRET and WFG_CLIENT_AUTH\.$/,
    says: /AADSTS70002155: Another one/,
  }),
)

entra.run()
