/** The process of an isolated script, as its parent sees it. What it says may come from a hostile script. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WfgError } from '../core/errors.ts'
import { systemReason } from '../core/system_code.ts'
import type { Host } from '../host/host.ts'
import type { Grants } from '../tasks/registry/grants.ts'
import type { Broker } from './broker.ts'
import { findDeno, tooOld } from './find_deno.ts'
import {
  type Asked,
  type Assignment,
  type ChildMessage,
  lineOf,
  type ParentMessage,
  readMessages,
  type Step,
} from './messages.ts'
import { rightsOf } from './rights.ts'
import { describeThrown } from './thrown.ts'

export interface IsolatedProcess {
  send(message: ParentMessage): void
  /**
   * The next step. Meanwhile everything else is shown and answered.
   *
   * @throws {WfgError} if the process ended without a word, or said what is no message
   */
  next(): Promise<Step>
  /** Asks the script to stop. */
  stop(): void
  /** Ends the process at once. */
  end(): void
  /** Ends it, and resolves when all that it wrote has been shown. */
  finish(): Promise<void>
}

/** The process ended and had not said that it would. */
export class EndedByItself extends WfgError {
  override readonly exitCode: number

  /** @param status its exit code; undefined if it was killed */
  constructor(why: string, status: number | undefined) {
    super(`The isolated process ended before the script was done: ${why}.`)
    this.exitCode = status || 1
    this.status = status
  }

  readonly status: number | undefined
}

/** What the process may cause besides its steps. */
export interface Surroundings {
  progress(done: number, total?: number, detail?: string): void
  /** Answers what the script asks for. */
  answer(what: Asked, value: unknown): Promise<unknown>
}

type ProcessHost = Pick<
  Host,
  | 'after'
  | 'cwd'
  | 'env'
  | 'execPath'
  | 'isAllowed'
  | 'kill'
  | 'onExit'
  | 'platform'
  | 'redactor'
  | 'runtime'
  | 'secrets'
  | 'stderr'
  | 'stdout'
  | 'versions'
>

export interface Started extends Omit<Assignment, 'mark' | 'broker' | 'directory'> {
  readonly grants: Grants
}

/** @param broker default: the process has no network */
export function startProcess(
  host: ProcessHost,
  { grants, ...assignment }: Started,
  broker: Broker | undefined,
  { progress, answer }: Surroundings,
): IsolatedProcess {
  const { path: deno } = findDeno(host)
  const mark = `\u0000wfg ${randomBytes(12).toString('base64url')} `
  const folder = mkdtempSync(join(tmpdir(), 'wfg-isolated-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  let child: ChildProcess
  try {
    const rights = rightsOf(host, assignment.file, grants, broker?.port, folder)
    child = spawn(deno, rights.args, { env: rights.env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
    const { directory } = grants
    child.stdin!.on('error', () => {}) // it has ended, which its exit tells
    child.stdin!.write(
      lineOf({
        ...assignment,
        file: rights.file,
        directory,
        mark,
        broker: broker && { port: broker.port, key: broker.key },
      }),
    )
  } catch (error) {
    removeFolder()
    throw error
  }
  let problem: string | undefined
  let hasEnded = false
  const kill = (why?: string): void => {
    problem ??= why
    // Not by the child's own method: Deno's sends nothing after a first signal, which the script may have ignored.
    if (child.pid !== undefined && !hasEnded) host.kill(child.pid, 'SIGKILL')
  }
  const abandon = () => {
    kill()
    removeFolder()
  }
  const exited = new Promise<number | undefined>((resolve) => {
    child.once('error', (error) => {
      problem ??= `it could not be started (${systemReason(error)})`
      resolve(undefined)
    })
    child.once('exit', (code) => {
      hasEnded = true
      resolve(code ?? undefined)
    })
  }).finally(() => {
    running.delete(abandon)
    broker?.close()
    removeFolder()
  })
  if (!isWatched) host.onExit(endAll)
  isWatched = true
  running.add(abandon)
  // Help, completion and a worker's start wait for it.
  if (assignment.work !== 'run')
    host.after(ASK_MS, () => kill(`it did not say within ${ASK_MS / 1000} s which arguments it takes`), {
      holds: false,
    })
  watchMemory(host, child, grants.memoryMb, kill, () => !running.has(abandon))
  let said = ''
  const complaints = (async () => {
    for await (const chunk of child.stderr!.setEncoding('utf8') as AsyncIterable<string>) {
      said = `${said}${chunk}`.slice(-LAST_WORDS)
      await host.stderr.write(chunk)
    }
  })().catch(() => {})
  const messages = readMessages(child.stdout!, mark)
  const send = (message: ParentMessage) => void child.stdin!.write(host.redactor.text(lineOf(message)))
  const react = async (message: Exclude<ChildMessage, Step>): Promise<void> => {
    if (message.type === 'text') return host.stderr.write(String(message.text))
    if (message.type === 'progress') {
      const { done, total, detail } = message
      return progress(Number(done), total === undefined ? undefined : Number(total), String(detail ?? ''))
    }
    const { id, what, value } = message
    await answer(what, value).then(
      (reply) => send({ type: 'reply', id, value: reply }),
      (error) => send({ type: 'reply', id, error: describeThrown(error) }),
    )
  }
  /** Waits for what it wrote, and not for a process that somehow still has its streams. */
  const lastWords = async (): Promise<void> => {
    let cancel = () => {}
    const late = new Promise<void>((resolve) => {
      cancel = host.after(LAST_WORDS_MS, resolve)
    })
    await Promise.race([complaints, late])
    cancel()
  }
  const silent = async (): Promise<WfgError> => {
    const status = await exited
    await lastWords()
    if (/^error: unexpected argument/m.test(said)) return tooOld(host, 'on the PATH')
    const how = status === undefined ? 'it was killed' : `it ended with exit code ${status}`
    return new EndedByItself(problem ?? `${how}; ${MAYBE}`, status)
  }
  return {
    send,
    async next() {
      try {
        for (;;) {
          const { done, value } = await messages.next()
          if (done) throw await silent()
          if ('text' in value) await host.stdout.write(value.text)
          else if (isStep(value.message)) return value.message
          else await react(value.message)
        }
      } catch (error) {
        kill()
        if (error instanceof WfgError) throw error
        throw new WfgError(`The isolated process was ended: what it wrote could not be read.`, { cause: error })
      }
    },
    stop() {
      // Windows has no signal that a process could hear.
      if (host.platform === 'win32') send({ type: 'stop' })
      else child.kill('SIGTERM')
    },
    end: () => kill(),
    async finish() {
      kill()
      await exited
      await lastWords()
    },
  }
}

// --- internal ---

/** Ends each process that still runs. */
const running = new Set<() => void>()
let isWatched = false

function endAll(): void {
  for (const end of running) end()
}

const LAST_WORDS = 2000
const LAST_WORDS_MS = 500
const MEMORY_MS = 200
/** Time for a script that is only asked for its arguments. */
const ASK_MS = 30_000
const MAYBE =
  'it may have ended itself, or used what is refused without an error, such as a server or a worker with rights'

function isStep(message: ChildMessage): message is Step {
  return STEPS.includes(message.type)
}

const STEPS: readonly string[] = ['described', 'ready', 'result', 'rows', 'end'] satisfies Step['type'][]

/** V8's own limit does not count buffers. */
function watchMemory(
  host: Pick<Host, 'after' | 'platform'>,
  { pid }: ChildProcess,
  memoryMb: number,
  kill: (why: string) => void,
  hasEnded: () => boolean,
): void {
  if (host.platform !== 'linux') return
  const look = (): void => {
    if (hasEnded()) return
    try {
      const [, kilobytes] = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      if (Number(kilobytes) > memoryMb * 1024)
        kill(`it took more than ${memoryMb} MB of memory; if it needs more, raise memoryMb in tasks.ts`)
      else host.after(MEMORY_MS, look, { holds: false })
    } catch {
      // It has ended, or the parent may not look.
    }
  }
  host.after(MEMORY_MS, look, { holds: false })
}
