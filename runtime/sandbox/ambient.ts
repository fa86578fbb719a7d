/**
 * What the sandbox takes from the process by itself. It stands for two foreign servers, which have clocks of their own
 * and know nothing of the host; so it takes no host, and this file is all it touches.
 */
import { setTimeout as sleep } from 'node:timers/promises'

/** Wall clock, milliseconds since 1970. */
export function nowMs(): number {
  return Date.now()
}

/** Resolves after `ms`, without keeping the process alive. */
export async function delay(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { ref: false })
}

/**
 * Runs `work` without the warnings that `author` prints about itself meanwhile (its words start with its name). Every
 * other warning is printed, and the console is put back as soon as `work` is done.
 */
export async function withoutWarningsOf<Result>(author: string, work: () => Promise<Result>): Promise<Result> {
  const { console } = globalThis
  const original = console.warn
  const filtered = (...words: unknown[]) => {
    if (!String(words[0]).includes(`${author} WARNING:`)) original.apply(console, words)
  }
  console.warn = filtered
  try {
    return await work()
  } finally {
    if (console.warn === filtered) console.warn = original
  }
}
