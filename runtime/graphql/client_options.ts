/** The options of a client: checked, and combined when one client extends another. */
import { didYouMean } from '../nearest.ts'
import { type WfgOptions, within } from './options.ts'

/**
 * @throws {RangeError} for a number outside its bounds
 * @throws {TypeError} for an unknown option, a guard with another value than its own, or a header that cannot be sent
 */
export function checkOptions(options: WfgOptions): void {
  const { timeoutMs, concurrency, headers, access, dryRun } = options
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name))
      throw new TypeError(
        `Cannot use the option ${JSON.stringify(name)}: a client has none of that name${didYouMean(name, NAMES)}`,
      )
  }
  // A guard that was misspelt would let through what it was meant to stop.
  if (access !== undefined && access !== 'read' && access !== 'write') {
    throw new TypeError("Cannot use the option access: expected 'read' or 'write'.")
  }
  if (dryRun !== undefined && typeof dryRun !== 'boolean') {
    throw new TypeError('Cannot use the option dryRun: expected true or false.')
  }
  if (timeoutMs !== undefined) within('timeoutMs', timeoutMs, 1, 2_147_483_647)
  if (concurrency !== undefined) within('concurrency', concurrency, 1, 100)
  lowerCased(headers)
}

/** Headers with their names in lower case, so that the same name is the same header. */
export function lowerCased(headers: Record<string, string> = {}): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  for (const [name, value] of entries) {
    if (!HEADER_NAME.test(name)) throw new TypeError(`Cannot set the header ${JSON.stringify(name)}: it is no name.`)
    if (typeof value === 'string' && HEADER_VALUE.test(value)) continue
    throw new TypeError(
      `Cannot set the header ${JSON.stringify(name)}: expected a text in one line, of characters up to U+00FF.`,
    )
  }
  if (entries.some(([name]) => name === 'authorization')) {
    throw new TypeError(
      'Cannot set the header "authorization": it carries the access token, which is attached for you.',
    )
  }
  return Object.fromEntries(entries)
}

/** `options` with `more` over them; what guards is never loosened. */
export function tightened(options: WfgOptions, more: WfgOptions): WfgOptions {
  return {
    ...options,
    ...more,
    ...(options.access === 'read' ? { access: 'read' } : {}),
    ...(options.dryRun ? { dryRun: true } : {}),
    headers: { ...lowerCased(options.headers), ...lowerCased(more.headers) },
  }
}

// --- internal ---

const NAMES: readonly string[] = ['profile', 'impersonate', 'dryRun', 'timeoutMs', 'concurrency', 'access', 'headers']

/** The runtimes would refuse the same, some of them with the value in their error. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
