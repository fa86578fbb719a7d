/** Records a run: when it starts, and when it ends in whichever way. */
import type { Keeping } from '../kept/keep_run.ts'
import { exitCodeOf } from '../run/failure.ts'
import type { Session } from '../run/session.ts'
import type { RunRecord } from './record.ts'
import type { Recording, RunFacts, StartedRun } from './run_facts.ts'
import { type KeptRun, keptRun, writeRecord } from './write_record.ts'

/** A longer run is in the database while it runs. A shorter one does not need the second connection. */
const SHARE_MS = 2000

export function startRecording(session: Session, started: StartedRun): Recording {
  const { host } = session
  const facts: RunFacts = { ...started, startedAtMs: host.nowMs(), startedMs: host.monotonicMs() }
  let kept: KeptRun | undefined
  let isBegun = false
  let sharing: Promise<void> | undefined
  let stopSharing = (): void => {}
  let keeping: Pick<Keeping, 'close'> | undefined
  let ended = false
  let uncaught: unknown

  const share = async (record: RunRecord): Promise<void> => {
    if (kept?.databaseUrl === undefined) return
    try {
      await session.shareRecord?.(host, kept.databaseUrl, record)
    } catch (failure) {
      if (!session.runSettings.verbose) return
      void host.stderr.write(host.redactor.text(`history: the run is not in the database (${String(failure)})\n`))
    }
  }

  return {
    facts,
    begin() {
      if (isBegun || ended) return
      isBegun = true
      try {
        kept ??= keptRun(session, facts)
        if (!kept) return
        const { record } = writeRecord(session, facts, kept)
        host.onExit((exitCode) => {
          if (!ended) writeRecord(session, facts, kept!, { exitCode, error: uncaught })
          ended = true
        })
        const shareStart = () => {
          sharing = share(record)
        }
        if (kept.databaseUrl !== undefined) stopSharing = host.after(SHARE_MS, shareStart, { holds: false })
      } catch {
        // A run does not fail because its record cannot be written.
      }
    },
    async keep() {
      if (!facts.flags.keep) return
      kept ??= keptRun(session, facts)
      const { keepByHand } = await import('../kept/keep_by_hand.ts')
      keeping = await keepByHand(session, kept)
    },
    failed(error) {
      uncaught = error
    },
    async end(error) {
      if (ended) return
      ended = true
      const exitCode = error === undefined ? host.exitCode() : exitCodeOf(error)
      stopSharing()
      try {
        kept ??= keptRun(session, facts)
        if (!kept) return
        const { record, fullFile } = writeRecord(session, facts, kept, { exitCode, error })
        if (fullFile) (await import('./rotate.ts')).rotate(host, fullFile)
        await sharing
        await share(record)
        await keeping?.close()
      } catch {
        // As above.
      }
    },
  }
}
