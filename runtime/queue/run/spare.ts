/** A process that is ready for the next job, so that a run begins at once. Each still runs one job and ends. */
import type { ChildProcess } from 'node:child_process'
import { backoffMs } from '../../core/backoff.ts'
import type { Host } from '../../host/host.ts'
import { endTree } from '../../script/process_trees.ts'

export interface Spare {
  /** Returns a process that waits for its job, and makes the next one ready. */
  take(): ChildProcess
}

/**
 * @param start starts a process that waits for its job
 * @param version differs when processes that were started before must not be used
 * @param signal ends the process that is ready; no other follows
 */
export function createSpare(
  host: Pick<Host, 'after' | 'env' | 'kill' | 'random'>,
  start: () => ChildProcess,
  version: () => string,
  signal: AbortSignal,
): Spare {
  let ready: { readonly child: ChildProcess; readonly version: string } | undefined
  let failures = 0
  let cancel = (): void => {}

  function prepare(): void {
    cancel()
    if (ready || signal.aborted) return
    const made = { version: version(), child: start() }
    const gone = (): void => {
      if (ready !== made) return
      ready = undefined
      // One that cannot start would be started again and again.
      cancel = host.after(MIN_MS + backoffMs(++failures, host.random), prepare, { holds: false })
    }
    made.child.once('error', gone).once('exit', gone)
    ready = made
  }

  function end(): void {
    cancel()
    const pid = ready?.child.pid
    ready = undefined
    if (pid !== undefined) endTree(host, pid, 'SIGKILL')
  }

  signal.addEventListener('abort', end)
  prepare()
  return {
    take() {
      if (ready && ready.version !== version()) end()
      const child = ready?.child ?? start()
      ready = undefined
      failures = 0
      prepare()
      return child
    },
  }
}

// --- internal ---

const MIN_MS = 1000
