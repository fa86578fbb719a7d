/**
 * Every uvu `Assertion` that is made, so that the driver can tell a test which passed from one in which something
 * caught the failed assertion. Tests of the assertions themselves take theirs back with `failedAssertion`.
 */
import { Assertion } from 'uvu/assert'

const made = new Set<unknown>()

// uvu's constructor assigns `code`; nothing else of it can be observed from outside.
Object.defineProperty(Assertion.prototype, 'code', {
  configurable: true,
  set(this: object, value: unknown) {
    Object.defineProperty(this, 'code', { value, configurable: true, enumerable: true, writable: true })
    made.add(this)
  },
})

/** How many assertions failed since the last call and were not taken back. */
export function takeMade(): number {
  const count = made.size
  made.clear()
  return count
}

/** Whether `value` is uvu's own `Assertion`, of whichever copy of uvu. */
export function isAssertion(value: unknown): value is Error {
  return value instanceof Error && (value as { code?: unknown }).code === 'ERR_ASSERTION'
}

/**
 * The `Assertion` with which `block` fails: for tests of assertions.
 *
 * @throws {Error} when `block` fails otherwise or not at all
 */
export async function failedAssertion(block: () => unknown): Promise<Error> {
  let thrown: unknown
  try {
    await block()
  } catch (error) {
    thrown = error
  }
  if (!isAssertion(thrown)) throw new Error('Expected the block to fail with an Assertion', { cause: thrown })
  made.delete(thrown)
  return thrown
}
