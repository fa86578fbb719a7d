/** The worker's side of a run, which is a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Host } from '../../host/host.ts'
import { endTree } from '../../script/process_trees.ts'
import type { Job, RunOutcome } from '../store.ts'
import { type Assignment, newMark, type WorkerMessage } from './run_messages.ts'
import { type OutputOptions, readOutput } from './run_output.ts'

type ChildHost = Pick<Host, 'after' | 'env' | 'kill' | 'monotonicMs' | 'nowMs' | 'redactor' | 'secrets' | 'stderr'>

export interface RunOptions extends OutputOptions {
  /** See `TaskFiles.filesOf()`. */
  readonly files: readonly string[]
  /**
   * Default: 82 800, because the run must have ended after a day. Then the engine fails the job, and with `retry` gives it
   * to another worker.
   */
  readonly timeoutSeconds?: number | undefined
  /** See `Run.renew()`. Default: no lease. */
  readonly leaseMs?: number | undefined
}

export interface Run {
  /** Never rejects. */
  readonly ended: Promise<RunOutcome>
  /** Lets the run go on for so many milliseconds from now; after that it ends by itself. */
  renew(leaseMs: number): void
  /** Asks the run to end within some seconds. */
  stop(): void
  /** Ends the run and all that it started at once. */
  end(): void
}

/**
 * Starts a process that waits for its job. It ends by itself when this process ends.
 *
 * @param command starts a process like this one
 */
export function startProcess(host: ChildHost, [program = '', ...rest]: readonly string[]): ChildProcess {
  return spawn(program, [...rest, 'worker', '--job'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: environmentOf(host),
    // So that Ctrl-C at the terminal reaches only the worker, which stops its runs in order. Windows would also end the run
    // with the worker, before it can end what it started.
    detached: true,
    windowsHide: true,
  })
}

/** @param child waits for its job; see `startProcess()` */
export function startRun(host: ChildHost, child: ChildProcess, job: Job, options: RunOptions): Run {
  const { files, timeoutSeconds = LONGEST_SECONDS, leaseMs } = options
  // Computed first, because this process may be frozen at any moment.
  const leaseUntilMs = leaseMs === undefined ? undefined : host.nowMs() + leaseMs
  const startedMs = host.monotonicMs()
  const mark = newMark()
  const send = (message: Assignment | WorkerMessage): void => {
    // The process may be gone already.
    if (child.connected) child.send(message, () => {})
  }
  const disconnect = (): void => {
    if (child.connected) child.disconnect()
  }
  send({
    job: { id: job.id, attempt: job.attempt, data: job.data },
    flags: flagsOf(job, timeoutSeconds, options),
    ...{ files, mark, leaseUntilMs },
  })
  const undo: (() => void)[] = []
  let killed = false
  const kill = (): void => {
    killed = true
    if (child.pid !== undefined) endTree(host, child.pid, 'SIGKILL')
  }
  const killLater = (ms: number): number => undo.push(host.after(ms, kill))
  // A run that computes without a pause does not notice its own time limit.
  killLater((timeoutSeconds + PATIENCE_SECONDS) * 1000)
  let stopped = false
  const output = readOutput(host, child, mark, options, () => {
    // The run ends now, whatever it left open.
    disconnect()
    killLater(END_MS)
  })
  const codeOf = (code: number): number => {
    if (killed && output.report) return output.report.exitCode
    if (stopped && code !== 0) return 143
    return killed ? 124 : code
  }
  return {
    ended: untilEnded(host, child).then(async ({ code, problem }) => {
      for (const each of undo) each()
      await output.close()
      const { report, lastError, mask } = output
      const exitCode = codeOf(code)
      const error = problem ?? report?.error ?? lastError ?? silent(exitCode)
      return {
        exitCode,
        durationMs: Math.round(host.monotonicMs() - startedMs),
        ...(exitCode === 0 ? {} : { error: cut(mask(error)) }),
        ...(report?.operations ? { operations: report.operations } : {}),
        ...(report?.user === undefined ? {} : { user: report.user }),
      }
    }),
    renew: (ms) => send({ leaseUntilMs: host.nowMs() + ms }),
    stop() {
      stopped = true
      send('stop')
    },
    end() {
      stopped = true
      disconnect()
      killLater(KILL_MS)
    },
  }
}

// --- internal ---

const LONGEST_SECONDS = 82_800
const END_MS = 4000
/** Short, because another worker may soon begin the same job. */
const KILL_MS = 1000
const LAST_WORDS_MS = 500
/** How long after its time limit a run may take to end by itself. */
const PATIENCE_SECONDS = 15
const MAX_ERROR_LENGTH = 8000

function flagsOf({ data }: Job, timeoutSeconds: number, { prefix }: RunOptions): Assignment['flags'] {
  const { profile, confirmed, yes } = data
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(profile !== undefined && confirmed ? { confirm: profile } : {}),
    ...(yes ? { yes } : {}),
    timeoutMs: timeoutSeconds * 1000,
    ...(prefix === undefined ? {} : { verbose: true }),
  }
}

/** Has the secrets, which the run removes before it imports a script, but not the URL of the database. */
function environmentOf({ env, secrets }: ChildHost): NodeJS.ProcessEnv {
  const { WFG_DATABASE_URL: _, ...others } = secrets
  return { ...env, ...others }
}

interface End {
  readonly code: number
  /** Set if the process could not be started. */
  readonly problem?: string
}

/** Does not wait for programs that the run started and that still hold its output open. */
function untilEnded(host: Pick<Host, 'after'>, child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ code: 1, problem: `Cannot start the run: ${message}` }))
    child.once('exit', (status, signal) => {
      const done = () => resolve({ code: status ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 9) })
      // Not the 'close' of the child, which Node leaves out after disconnect().
      const open = [child.stdout!, child.stderr!].filter(({ closed }) => !closed)
      if (open.length === 0) return done()
      void Promise.all(open.map((stream) => new Promise((closed) => stream.once('close', closed)))).then(done)
      host.after(LAST_WORDS_MS, done)
    })
  })
}

function silent(exitCode: number): string {
  return exitCode > 128
    ? `The run was ended by the system or by somebody (exit code ${exitCode}).`
    : `The run ended with exit code ${exitCode} and said nothing of it.`
}

function cut(text: string): string {
  return text.length > MAX_ERROR_LENGTH ? `${text.slice(0, MAX_ERROR_LENGTH)}…` : text
}
