/** Tests that cannot run here say so: the driver lists them at its end as "not run: …" and never counts them as passed. */
import process from 'node:process'

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
