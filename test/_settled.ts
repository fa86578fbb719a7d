/** Waiting that ends: for work that may never settle, and for the process to have nothing left to do. */
import process from 'node:process'
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'

export type Settled<Value> = { value: Value } | { error: unknown } | { stuck: string }

/**
 * What became of `work`; `stuck`, with the reason, when nothing happened for `limitMs` or nothing is left that could settle it.
 *
 * @param onProgress is given what to call at each sign of life: it starts the time anew
 */
export function settled<Value>(
  work: () => Promise<Value>,
  limitMs: number,
  onProgress: (alive: () => void) => void,
): Promise<Settled<Value>> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout
    const end = (outcome: Settled<Value>) => {
      clearTimeout(timer)
      onProgress(() => {})
      process.off('beforeExit', idle)
      resolve(outcome)
    }
    const late = () => end({ stuck: `it did not settle within ${limitMs / 1000} s` })
    const idle = () => end({ stuck: 'it never settles: nothing is left that could settle it' })
    const alive = () => {
      clearTimeout(timer)
      timer = setTimeout(late, limitMs).unref() // the process may become idle meanwhile, which tells more and sooner
    }
    alive()
    onProgress(alive)
    process.on('beforeExit', idle)
    work().then(
      (value) => end({ value }),
      (error: unknown) => end({ error }),
    )
  })
}

/** Whether the process has nothing left to do within `graceMs`: no server, no timer, no child that keeps it alive. */
export function drained(graceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (empty: boolean) => {
      clearTimeout(timer)
      process.off('beforeExit', idle)
      resolve(empty)
    }
    const idle = () => end(true)
    const timer = setTimeout(() => end(false), graceMs).unref()
    process.on('beforeExit', idle)
    setImmediate(() => {}) // `beforeExit` comes again only after the loop had something to do
  })
}
