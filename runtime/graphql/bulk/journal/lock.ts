/** The lock file beside a journal. Only one run at a time may use a journal. */
import { RefusedError, UsageError } from '../../../core/errors.ts'
import { systemCode } from '../../../core/system_code.ts'
import { quotedPath } from '../../../core/visible.ts'
import { type Held, type Lock, type LockHost, takeLock } from '../../../host/process_lock.ts'

/**
 * @param path of the journal, as the caller named it
 * @throws {RefusedError} `WFG_REFUSED` naming the run that has it
 * @throws {UsageError} `WFG_USAGE` if the lock file cannot be created
 */
export function lockJournal(host: LockHost, path: string, absolute: string): Lock {
  const lock = take(host, path, `${absolute}.lock`)
  if ('release' in lock) return lock
  const { file, holder } = lock
  const by = holder
    ? `process ${holder.pid} on ${JSON.stringify(holder.host)} has used it since ${holder.since}`
    : 'its lock file does not say which process uses it'
  throw new RefusedError(
    `Refused to use the journal ${quotedPath(path)}: ${by}. Nothing was sent. Wait until that run ends. ` +
      `If you are sure that it has ended, delete ${quotedPath(file)} and run this again.`,
  )
}

// --- internal ---

function take(host: LockHost, path: string, file: string): Lock | Held {
  try {
    return takeLock(host, file)
  } catch (cause) {
    throw new UsageError(
      `Cannot use the journal ${quotedPath(path)}: its lock file cannot be created beside it (${systemCode(cause)}); expected a folder that exists and that you may write.`,
      { cause },
    )
  }
}
