/** One run of a job as a process of its own, seen from the worker. */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { Host } from '../../host/host.ts'
import type { Job, RunOutcome } from '../store.ts'
import { type Assignment, newMark, type RunReport, readReport, type WorkerMessage } from './run_messages.ts'

type ChildHost = Pick<
  Host,
  'after' | 'env' | 'kill' | 'monotonicMs' | 'nowMs' | 'platform' | 'redactor' | 'secrets' | 'stderr'
>

export interface RunOptions {
  /**
   * Default: 82 800. After a day the engine gives the job up, and with `retry` to another worker: by then the run must have
   * ended.
   */
  readonly timeoutSeconds?: number | undefined
  readonly dryRun?: boolean | undefined
  /** See `Run.renew()`. Default: it goes on without. */
  readonly leaseMs?: number | undefined
  /** Passes on what the run writes to standard error, each line with this before it. */
  readonly prefix?: string | undefined
}

export interface Run {
  /** Never rejects. */
  readonly ended: Promise<RunOutcome>
  /** Gives it so many milliseconds more, after which it ends by itself. */
  renew(leaseMs: number): void
  /** Asks it to end; it has some seconds for that. */
  stop(): void
  /** Ends it at once, with all that it started. */
  end(): void
}

/**
 * Starts the run. It ends by itself when this process does.
 *
 * @param command what starts a process like this one
 */
export function startRun(
  host: ChildHost,
  [program = '', ...rest]: readonly string[],
  job: Job,
  options: RunOptions = {},
): Run {
  const { timeoutSeconds = LONGEST_SECONDS, leaseMs } = options
  // Before anything that takes time: this process may be frozen meanwhile.
  const leaseUntilMs = leaseMs === undefined ? undefined : host.nowMs() + leaseMs
  const startedMs = host.monotonicMs()
  const mark = newMark()
  const isWindows = host.platform === 'win32'
  const child = spawn(program, [...rest, ...runArguments(job, timeoutSeconds, options)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: environmentOf(host),
    // Ctrl-C at the terminal is for the worker, who tells its runs in its own time.
    detached: !isWindows,
    windowsHide: true,
  })
  const send = (message: Assignment | WorkerMessage): void => {
    // It may be gone already.
    if (child.connected) child.send(message, () => {})
  }
  const disconnect = (): void => {
    if (child.connected) child.disconnect()
  }
  send({ job: { attempt: job.attempt, data: job.data }, mark, leaseUntilMs })
  const undo: (() => void)[] = []
  let killed = false
  const kill = (): void => {
    killed = true
    if (child.pid !== undefined) host.kill(isWindows ? child.pid : -child.pid, 'SIGKILL')
  }
  const killLater = (ms: number): number => undo.push(host.after(ms, kill))
  // A run that computes without a pause does not see that its time is over.
  killLater((timeoutSeconds + PATIENCE_SECONDS) * 1000)
  let stopped = false
  let report: RunReport | undefined
  let lastError: string | undefined
  readLines(child.stderr!, (line) => {
    const found = readReport(mark, line)
    if (found) {
      report = found
      // Then it ends what it left open, if it still can.
      disconnect()
      killLater(END_MS)
    } else if (line.startsWith('error: ')) lastError = line.slice('error: '.length)
    if (line.startsWith(ADD_MASK)) host.redactor.add(line.slice(ADD_MASK.length))
    else if (!found && line !== '' && options.prefix !== undefined) void host.stderr.write(`${options.prefix}${line}\n`)
  })
  const codeOf = (code: number): number => {
    if (killed && report) return report.exitCode
    if (stopped && code !== 0) return 143
    return killed ? 124 : code
  }
  return {
    ended: untilEnded(host, child).then(({ code, problem }) => {
      for (const each of undo) each()
      const exitCode = codeOf(code)
      const error = problem ?? report?.error ?? lastError ?? silent(exitCode)
      return {
        exitCode,
        durationMs: Math.round(host.monotonicMs() - startedMs),
        ...(exitCode === 0 ? {} : { error: cut(host.redactor.text(error)) }),
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
/** For a run whose work may be another worker's in a moment. */
const KILL_MS = 1000
const LAST_WORDS_MS = 500
/** By which a run in GitHub Actions tells its token to whoever keeps its log. */
const ADD_MASK = '::add-mask::'
/** After the time that a run has, for its own end of it. */
const PATIENCE_SECONDS = 15
/** Of what is kept of an error. */
const MAX_ERROR_LENGTH = 8000

function runArguments({ data }: Job, timeoutSeconds: number, { dryRun, prefix }: RunOptions): string[] {
  return [
    'worker',
    '--job',
    ...(data.profile === undefined ? [] : ['--profile', data.profile]),
    ...(data.profile !== undefined && data.confirmed ? ['--confirm', data.profile] : []),
    ...(data.yes ? ['--yes'] : []),
    ...['--timeout', String(timeoutSeconds)],
    ...(dryRun ? ['--dry-run'] : []),
    ...(prefix === undefined ? [] : ['--verbose']),
  ]
}

/** With the secrets, which the run takes out again before it imports a script; of the database it knows nothing. */
function environmentOf({ env, secrets }: ChildHost): NodeJS.ProcessEnv {
  const { WFG_DATABASE_URL: _, ...others } = secrets
  return { ...env, ...others }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) onLine(line)
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
  })
}

interface End {
  readonly code: number
  /** Why it could not be started. */
  readonly problem?: string
}

/** What a program that it started holds open is not waited for. */
function untilEnded(host: Pick<Host, 'after'>, child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ code: 1, problem: `Cannot start the run: ${message}` }))
    child.once('exit', (status, signal) => {
      const done = () => resolve({ code: status ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 9) })
      // Not the 'close' of the child, which Node leaves out after disconnect().
      if (child.stderr!.closed) return done()
      child.stderr!.once('close', done)
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
