/** What the sandbox takes from the host. It stands for foreign servers, so their clock is the system's, whatever a caller's is. */
import { systemHost } from '../host/host.ts'

/** Wall clock, milliseconds since 1970. */
export function nowMs(): number {
  return systemHost().nowMs()
}

/** Resolves after `ms`, without keeping the process alive. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms > 0) systemHost().after(ms, resolve, { holds: false })
    else resolve()
  })
}

/** Runs `work` without the warnings that `author` prints about itself meanwhile (its words start with its name). */
export async function withoutWarningsOf<Result>(author: string, work: () => Promise<Result>): Promise<Result> {
  const restore = systemHost().withholdWarnings((text) => text.includes(`${author} WARNING:`))
  try {
    return await work()
  } finally {
    restore()
  }
}
