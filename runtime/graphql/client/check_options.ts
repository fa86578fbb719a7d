/** Checks the options of a client, and combines them when one client extends another. */
import { checkOptionNames, checkWholeNumber, type WfgOptions } from './options.ts'

/**
 * @throws {RangeError} for a number outside its bounds
 * @throws {TypeError} for an unknown option, an unknown value of `access` or `dryRun`, or a header that cannot be sent
 */
export function checkOptions(options: WfgOptions): void {
  const { timeoutMs, concurrency, headers, access, dryRun } = options
  checkOptionNames(options, 'client')
  // A misspelt value would switch the guard off.
  if (access !== undefined && access !== 'read' && access !== 'write') {
    throw new TypeError("Cannot use the option access: expected 'read' or 'write'.")
  }
  if (dryRun !== undefined && typeof dryRun !== 'boolean') {
    throw new TypeError('Cannot use the option dryRun: expected true or false.')
  }
  if (timeoutMs !== undefined) checkWholeNumber('timeoutMs', timeoutMs, 1, 2_147_483_647)
  if (concurrency !== undefined) checkWholeNumber('concurrency', concurrency, 1, 100)
  checkHeaders(headers)
}

/** Returns the headers with lower-case names, so that each occurs once. */
export function checkHeaders(headers: Record<string, string> = {}): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  for (const [name, value] of entries) {
    const problem = headerProblem(name, value)
    if (problem !== undefined) throw new TypeError(`Cannot set the header ${JSON.stringify(name)}: ${problem}.`)
  }
  return Object.fromEntries(entries)
}

/** Merges `more` into the options. `access` and `dryRun` can only be tightened. */
export function tightened(options: WfgOptions, more: WfgOptions): WfgOptions {
  return {
    ...options,
    ...more,
    ...(options.access === 'read' ? { access: 'read' } : {}),
    ...(options.dryRun ? { dryRun: true } : {}),
    headers: { ...checkHeaders(options.headers), ...checkHeaders(more.headers) },
  }
}

// --- internal ---

/** Headers that callers cannot set, with the reason. */
const RESERVED = new Map([
  ['authorization', 'it carries the access token, which is attached for you'],
  ['host', 'it names the server, which WFG_GRAPHQL_URL sets'],
  ['connection', 'it controls the reuse of connections, which could send a mutation twice'],
  ['expect', 'the request would wait for a response before it is sent in full'],
  ['content-length', 'it is set from the body'],
  ['transfer-encoding', 'it is set from the body'],
])

function headerProblem(name: string, value: unknown): string | undefined {
  if (!HEADER_NAME.test(name)) return 'it is not a valid header name'
  if (RESERVED.has(name)) return RESERVED.get(name)
  const isValue = typeof value === 'string' && HEADER_VALUE.test(value)
  return isValue ? undefined : 'expected one line of text, with characters up to U+00FF'
}

/** The runtimes refuse the same headers, but some show the value in their error. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
