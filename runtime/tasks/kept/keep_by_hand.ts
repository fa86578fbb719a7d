/** `--keep`: what a run by hand prints is kept as what a worker's run prints is. */
import { join } from 'node:path'
import type { KeptRun } from '../history/write_record.ts'
import type { Session } from '../run/session.ts'
import { type Keeping, keepRun } from './keep_run.ts'
import { keptFiles, keptReader } from './kept_files.ts'
import { createLines } from './lines.ts'

/** @param run undefined if no record may be written */
export async function keepByHand(
  { host, shareKept }: Session,
  run: KeptRun | undefined,
): Promise<Pick<Keeping, 'close'> | undefined> {
  const warn = (problem: string): Promise<void> =>
    host.stderr.write(`warning: what this run prints is not kept: ${problem}.\n`)
  if (run?.folder === undefined) {
    await warn('WFG_TOKEN_CACHE is off, this is a CI, or the system names no folder for it')
    return undefined
  }
  const { folder, databaseUrl, common } = run
  const files = join(folder, 'kept')
  const mask = (text: string): string => host.redactor.text(text)
  let isTold = false
  const tell = (problem: string): void => {
    if (!isTold) void warn(problem)
    isTold = true
  }
  const keeping = keepRun(host, mask, [keptFiles(host, files, tell)(common.id)])
  const output = createLines(mask, keeping.output)
  const log = createLines(mask, keeping.log)
  let isExiting = false
  const flush = (): void => {
    output.end()
    log.end()
    keeping.flush()
  }
  host.onPrint((name, text) => {
    const lines = name === 'stdout' ? output : log
    lines.add(text)
    if (isExiting) flush()
  })
  host.onExit(() => {
    isExiting = true
    flush()
  })
  return {
    async close() {
      flush()
      if (databaseUrl !== undefined) await shareKept?.(host, databaseUrl, common.id, keptReader(host, files))
    },
  }
}
