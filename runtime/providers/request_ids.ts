/** By which numbers a provider's support finds a request again. */

const MEMBERS = ['trace_id', 'correlation_id']
const HEADERS = ['x-ms-request-id', 'x-okta-request-id', 'x-auth0-requestid', 'x-request-id', 'x-correlation-id']
/** What such a number consists of; anything else may be anything. */
const REFERENCE = /^[\w.:@+/=-]{4,100}$/

/**
 * One sentence with those that were sent; none where there are none.
 *
 * @param headers names in lower case
 * @param description what is shown anyhow, and may name them already
 */
export function requestIdsText(
  headers: Readonly<Record<string, string>>,
  body: Readonly<Record<string, unknown>> | undefined,
  description = '',
): string[] {
  const sent = [...MEMBERS.map((name) => [name, body?.[name]]), ...HEADERS.map((name) => [name, headers[name]])]
  const found = new Map<string, string>()
  for (const [name, value] of sent as [string, unknown][]) {
    if (typeof value !== 'string' || !REFERENCE.test(value) || description.includes(value)) continue
    if (!found.has(value)) found.set(value, name)
  }
  const list = [...found].map(([value, name]) => `${name} ${value}`)
  return list.length === 0 ? [] : [`For the provider's support: ${list.join(', ')}.`]
}
