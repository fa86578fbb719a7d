/** What `uvu/assert` lacks: its `throws` knows only what is thrown at once. */
import * as assert from 'uvu/assert'
import { isAssertion } from './_assertions.ts'

export { failedAssertion } from './_assertions.ts'

export interface Expected {
  /** Class of the error. */
  instance?: abstract new (
    ...args: never[]
  ) => Error
  /** Its `code`. */
  code?: string
  /** The whole message, or a pattern that it matches. */
  message?: string | RegExp
}

/**
 * Asserts that a promise rejects, or that a function rejects or throws, as expected; gives the error for further checks.
 * uvu's own Assertion is never taken for the expected error: it fails the test as it would outside.
 *
 * @example await rejects(() => wfg(Document), { instance: UsageError, code: 'WFG_USAGE' })
 */
export async function rejects(work: Promise<unknown> | (() => unknown), expected: Expected = {}): Promise<Error> {
  const thrown = await thrownBy(work)
  if (thrown === undefined) return never('Expected a rejection, but it was fulfilled')
  const { error } = thrown
  if (isAssertion(error)) throw error
  if (!(error instanceof Error)) return never(`Expected an Error, not ${String(error)}`)
  const { instance, code, message } = expected
  if (instance) assert.instance(error, instance, `Expected an instance of ${instance.name}, not ${describe(error)}`)
  if (code !== undefined) assert.is((error as { code?: unknown }).code, code)
  if (typeof message === 'string') assert.is(error.message, message)
  if (message instanceof RegExp) assert.match(error.message, message)
  return error
}

/** Asserts that none of `secrets` is in `text`, in the plain; the failure does not print them. */
export function hides(text: string, ...secrets: string[]): void {
  for (const [index, secret] of secrets.entries()) {
    assert.ok(secret.length > 0, 'Expected a secret to look for')
    assert.not.ok(text.includes(secret), `Expected secret ${index + 1} of ${secrets.length} not to be in the text`)
  }
}

// --- internal ---

async function thrownBy(work: Promise<unknown> | (() => unknown)): Promise<{ error: unknown } | undefined> {
  try {
    await (typeof work === 'function' ? work() : work)
    return undefined
  } catch (error) {
    return { error }
  }
}

function never(message: string): never {
  assert.unreachable(message)
  throw new Error(message) // `unreachable` is not declared as never returning
}

function describe(error: Error): string {
  return `${error.constructor.name}: ${error.message}`
}
