/** Request ids that the provider's support can look up. */

const MEMBERS = ['trace_id', 'correlation_id']
const HEADERS = ['x-ms-request-id', 'x-okta-request-id', 'x-auth0-requestid', 'x-request-id', 'x-correlation-id']
/** Characters of a request id. A value with others is not shown. */
const REQUEST_ID = /^[\w.:@+/=-]{4,100}$/

/**
 * Returns a sentence with the ids in the response, or nothing if it has none.
 *
 * @param headers names in lower case
 * @param description shown with the sentence; ids that it names already are left out
 */
export function requestIdsText(
  headers: Readonly<Record<string, string>>,
  body: Readonly<Record<string, unknown>> | undefined,
  description = '',
): string[] {
  const sent = [...MEMBERS.map((name) => [name, body?.[name]]), ...HEADERS.map((name) => [name, headers[name]])]
  const found = new Map<string, string>()
  for (const [name, value] of sent as [string, unknown][]) {
    if (typeof value !== 'string' || !REQUEST_ID.test(value) || description.includes(value)) continue
    if (!found.has(value)) found.set(value, name)
  }
  const list = [...found].map(([value, name]) => `${name} ${value}`)
  return list.length === 0 ? [] : [`For the provider's support: ${list.join(', ')}.`]
}
