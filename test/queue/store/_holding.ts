/** Processes that have a store, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import { compiled } from '../../_compiled.ts'
import { PGLITE_FLAGS } from '../_pglite.ts'

export interface Holding {
  /** Of the job that it runs. */
  readonly jobId: string
  readonly pid: number
  /** Ends it at once; resolves when it is gone. */
  kill(): Promise<void>
}

export interface HolderOptions {
  folder?: string
  retryLimit?: number
  databaseUrl?: string
  /** What starts the process, such as `unshare`. */
  starter?: readonly string[]
}

/** Resolves when it runs its job. */
export function startHolder(options: HolderOptions): Promise<Holding> {
  const { folder = '', retryLimit = 0, databaseUrl, starter = [] } = options
  const args = [folder, String(retryLimit), ...(databaseUrl === undefined ? [] : [databaseUrl])]
  program ??= compileProgram()
  const flags = databaseUrl === undefined ? PGLITE_FLAGS : []
  const [command, ...words] = [...starter, process.execPath, ...flags, ...program, ...args]
  const child = spawn(command!, words, {
    cwd: join(import.meta.dirname, '..', '..', '..', '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  let output = ''
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`the holder did not come to hold a job:\n${output}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail()
    }, LIMIT_MS)
    void ended.then(() => {
      clearTimeout(timer)
      fail()
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const jobId = /holds (\S+)\n/.exec(output)?.[1]
        if (jobId === undefined) return
        clearTimeout(timer)
        resolve({ jobId, pid: child.pid!, kill: () => kill(child, ended) })
      })
    }
  })
}

// --- internal ---

const LIMIT_MS = 60_000
let program: readonly string[] | undefined

/** Once for each process of tests, at whose end it goes. */
function compileProgram(): readonly string[] {
  const { args, cleanup } = compiled(join(import.meta.dirname, '_holder.ts'), 'external')
  process.on('exit', cleanup)
  return args
}

function kill(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGKILL')
  return ended
}
