import type { Host } from '../../host/host.ts'

/** A pause that can be ended early. */
export interface Alarm {
  /** Ends the current pause, or the next one. */
  ring(): void
  /** Resolves after `ms`, when it rings, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function createAlarm({ after }: Pick<Host, 'after'>): Alarm {
  let rung = false
  let wake = (): void => {}
  return {
    ring() {
      rung = true
      wake()
    },
    async wait(ms, signal) {
      await new Promise<void>((resolve) => {
        if (rung || signal.aborted) return resolve()
        const end = (): void => {
          cancel()
          signal.removeEventListener('abort', end)
          resolve()
        }
        const cancel = after(ms, end)
        signal.addEventListener('abort', end)
        wake = end
      })
      rung = false
      wake = () => {}
    },
  }
}
