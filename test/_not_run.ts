/** Tests that cannot run here say so: the driver lists them at its end as "not run: …" and never counts them as passed. */
import process from 'node:process'
import type { suite } from 'uvu'

/** What has been declared so far, oldest first; the driver reads it. */
export const declared: string[] = []

/**
 * Declares the running test as not run. The test returns right after it.
 *
 * @param reason what is missing, e.g. `the browser test needs chromium`
 * @example if (!existsSync(chromium)) return notRun('the browser test needs chromium')
 */
export function notRun(reason: string): void {
  declared.push(reason)
  const guarded = 'UVU_DEFER' in globalThis
  if (!guarded) process.stderr.write(`not run: ${reason}\n`)
}

/** Told by test/_windows.ts. */
export const UNDER_WINE = process.env['TEST_WINE'] === '1'
export const SLOW_UNDER_WINE = 'it takes minutes under Wine'
/** By this limits are multiplied: a process starts slowly under Wine. */
export const PATIENCE = UNDER_WINE ? 4 : 1

/** False on Windows, where one process cannot send a signal to another: `kill()` ends it at once. */
export const SENDS_SIGNALS = process.platform !== 'win32'
export const NO_SIGNALS = 'Windows sends no signals between processes'

/** A suite as `suite()` of uvu makes it. */
type Suite = ReturnType<typeof suite>

/**
 * Returns the suite, or one whose tests and hooks do nothing and are declared as not run.
 *
 * @param isHere whether what the tests need is here
 * @example const shell = needs(hasBash(), 'it needs bash', suite('script/shell'))
 */
export function needs(isHere: boolean, reason: string, tests: Suite): Suite {
  if (isHere) return tests
  const declare = (title: string) => tests(title, () => notRun(reason))
  const hook = Object.assign(() => {}, { each() {} })
  return Object.assign(declare, tests, { before: hook, after: hook })
}
