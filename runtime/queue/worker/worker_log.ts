/** The log of a worker on standard error: one line for each run, and what an operator must know. */
import type { Host } from '../../host/host.ts'
import { shortId } from '../../tasks/history/run_id.ts'
import { type Job, outcomeOf, type RunOutcome, type WorkerIdentity } from '../store.ts'

export interface WorkerLog {
  /** Not written with `--quiet`. */
  info(text: string): void
  problem(text: string): void
  /** Like `problem`, but writes the same text only once. */
  once(text: string): void
  ended(job: Job, outcome: RunOutcome): void
  interrupted(job: Job, worker: WorkerIdentity): void
}

export function createWorkerLog(
  host: Pick<Host, 'nowMs' | 'redactor' | 'stderr'>,
  { quiet = false }: { quiet?: boolean | undefined } = {},
): WorkerLog {
  const said = new Set<string>()
  const write = (text: string): void => {
    const time = new Date(host.nowMs()).toISOString().replace(/\.\d+Z$/, 'Z')
    void host.stderr.write(host.redactor.text(`${time} ${text}\n`))
  }
  const info = (text: string): void => {
    if (!quiet) write(text)
  }
  return {
    info,
    problem: write,
    once(text) {
      if (said.has(text)) return
      said.add(text)
      write(text)
    },
    ended(job, { exitCode, durationMs, error }) {
      const took = `${(durationMs / 1000).toFixed(1)} s`
      if (exitCode === 0) info(`done ${nameOf(job)} ${took}`)
      else write(`${outcomeOf(exitCode)} ${nameOf(job)} ${took}: ${reason(error)}`)
    },
    interrupted(job, { hostname, pid }) {
      write(`interrupted ${nameOf(job)}: its worker on ${hostname} (process ${pid}) is gone or frozen`)
    },
  }
}

/** Returns the first line of a run's error, which may be empty, without the name of its task. */
export function reason(error = ''): string {
  const [line = ''] = error.trim().split('\n', 1)
  return line.replace(/^The (?:task|script) "[^"]*" failed: (?:Error: )?/, '')
}

// --- internal ---

function nameOf({ id, task, attempt }: Job): string {
  return `${task} ${shortId(id)}${attempt === 0 ? '' : ` (attempt ${attempt + 1})`}`
}
