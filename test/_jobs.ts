/** Test files side by side: several processes of the driver share one list, and each file is run by one of them. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { commandOf, RUNTIME } from './_runtime.ts'

/** A file with failures. */
export interface Red {
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly recap: readonly string[]
}

/** What one process has seen of its files. */
export interface Report {
  readonly passed: number
  readonly failed: number
  readonly recap: readonly string[]
  readonly red: readonly Red[]
  readonly notRun: readonly string[]
  readonly slow: readonly { readonly title: string; readonly tookMs: number }[]
}

/** A job writes this after each file, so that what it printed for one file stays together. */
export const END_OF_FILE = '\u001e'

/** True for the first job that asks for the file. */
export function claim(claims: string, path: string): boolean {
  try {
    mkdirSync(join(claims, path.replaceAll(/[^\w.-]/g, '_')))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Runs `count` jobs of the driver, and gives what each has seen when it ends. Files that no job took are faults.
 *
 * @param args of the driver
 */
export async function* runSideBySide(
  files: readonly string[],
  count: number,
  args: readonly string[],
  print: (text: string) => unknown,
): AsyncGenerator<Report> {
  const claims = mkdtempSync(join(tmpdir(), 'wfg-claims-'))
  try {
    const jobs = Array.from({ length: count }, () => runJob([...args, '--claims', claims], print))
    for (const job of jobs) yield await job
    const left = files.filter((path) => claim(claims, path)).map((path) => `${path}: no process was left to run it`)
    yield { passed: 0, failed: left.length, recap: left, red: [], notRun: [], slow: [] }
  } finally {
    rmSync(claims, { recursive: true, force: true })
  }
}

// --- internal ---

async function runJob(args: readonly string[], print: (text: string) => unknown): Promise<Report> {
  const [program, ...options] = commandOf(RUNTIME)!
  const driver = fileURLToPath(new URL('_run.ts', import.meta.url))
  const child = spawn(program!, [...options, driver, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const take = (part: string): void => {
    text += part
    const end = text.lastIndexOf(END_OF_FILE)
    if (end < 0) return
    print(text.slice(0, end).replaceAll(END_OF_FILE, ''))
    text = text.slice(end)
  }
  child.stdout.setEncoding('utf8').on('data', take)
  child.stderr.setEncoding('utf8').on('data', (part: string) => process.stderr.write(part))
  const status = await new Promise((resolve) => child.on('error', resolve).on('close', resolve))
  try {
    return JSON.parse(text.slice(END_OF_FILE.length)) as Report
  } catch {
    print(text)
    const sentence = `a process of the driver ended with ${String(status)} and did not say what it has seen`
    return { passed: 0, failed: 1, recap: [sentence], red: [], notRun: [], slow: [] }
  }
}
