/** Keeps what the runs of a worker print: in files of this user, and in the database if others share it. */
import type { Host } from '../../host/host.ts'
import { attemptId } from '../../tasks/history/run_id.ts'
import { type Keeping, keepRun } from '../../tasks/kept/keep_run.ts'
import { type KeptPart, type KeptPlace, MAX_BYTES, type StreamName } from '../../tasks/kept/kept.ts'
import { type KeptFilesHost, keptFiles } from '../../tasks/kept/kept_files.ts'
import type { Job, Store } from '../store.ts'
import type { WorkerLog } from '../worker/worker_log.ts'

type KeepHost = KeptFilesHost & Pick<Host, 'after'>

/** @param folder undefined if no files may be written */
export function keepRuns(
  host: KeepHost,
  store: Pick<Store, 'keep'>,
  folder: string | undefined,
  log: Pick<WorkerLog, 'once'>,
): (job: Job, mask: (text: string) => string) => Keeping {
  const tell = (problem: string) => log.once(`What the runs print cannot be kept in a file: ${problem}.`)
  const placeOf = folder === undefined ? undefined : keptFiles(host, folder, tell)
  return ({ id, attempt }, mask) => {
    const run = attemptId(id, attempt)
    return keepRun(host, mask, [...(placeOf ? [placeOf(run)] : []), databasePlace(host, store, run)])
  }
}

// --- internal ---

/** How long the end of a run waits for a database that does not answer. */
const LAST_PARTS_MS = 5000

/** While the database is away, at most 2 MiB wait for it; the oldest part of the log goes first. */
function databasePlace({ after }: KeepHost, store: Pick<Store, 'keep'>, id: string): KeptPlace {
  const waiting: (readonly [StreamName, KeptPart])[] = []
  let size = 0
  let sending: Promise<void> | undefined
  const send = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      size -= next[1].data.length
      try {
        await store.keep(id, ...next)
      } catch {
        waiting.unshift(next)
        size += next[1].data.length
        return
      }
    }
  }
  const start = (): Promise<void> => {
    sending ??= send().finally(() => {
      sending = undefined
    })
    return sending
  }
  return {
    add(name, part) {
      waiting.push([name, part])
      size += part.data.length
      while (size > 2 * MAX_BYTES) {
        const oldest = waiting.findIndex(([each]) => each === 'log')
        size -= waiting.splice(oldest, 1)[0]![1].data.length
      }
      void start()
    },
    close: () =>
      new Promise((resolve) => {
        const cancel = after(LAST_PARTS_MS, resolve)
        void start()
          .then(() => (waiting.length > 0 ? start() : undefined))
          .then(() => {
            cancel()
            resolve()
          })
      }),
  }
}
