/** A project with a queue, and what people do with it in several terminals. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { type CliResult, type Project, project } from '../_cli.ts'
import { type Running, running } from '../cli/_running.ts'

export interface Office extends Pick<Project, 'dir'> {
  /** A command, in a terminal of its own. */
  run(args: readonly string[], env?: Record<string, string>): Promise<CliResult>
  /** Queues a task; gives the job's id. */
  enqueue(...args: string[]): Promise<string>
  /** What `queue --json` shows. */
  queue(): Promise<Record<string, unknown>[]>
  /** Starts a worker that says that it is there. */
  worker(args?: readonly string[], env?: Record<string, string>): Promise<Running>
  /** What the scripts wrote with `note()`, in order. */
  notes(): string[]
  write(file: string, text: string): void
  cleanup(): void
}

/** Of processes that start while others do; in milliseconds. */
export const LIMIT_MS = process.env['TEST_FLEET_RUNS'] ? 3_600_000 : 120_000

/** Adds a line to the notes; for scripts. */
const NOTE = `import { appendFileSync } from 'node:fs'
export const note = (text) => appendFileSync(new URL('../notes.txt', import.meta.url), text + '\\n')\n`

/**
 * @param entries of `tasks.ts`, as source
 * @param env for every process
 */
export function office(
  entries: string,
  scripts: Readonly<Record<string, string>>,
  env: Record<string, string> = {},
): Office {
  const files = Object.entries(scripts).map(([name, body]) => [
    `scripts/${name}.ts`,
    `import { defineScript } from '#wfg'\nimport { note } from './_note.ts'\nimport * as v from 'valibot'\nvoid [note, v]\n${body}`,
  ])
  const { dir, run, cleanup } = project({
    'tasks.ts': tasksFile(entries),
    'scripts/_note.ts': NOTE,
    ...Object.fromEntries(files),
  })
  const home = join(dir, 'home')
  mkdirSync(home)
  const call = (args: readonly string[], more: Record<string, string> = {}) =>
    run(args, { env: { HOME: home, ...env, ...more }, limitMs: LIMIT_MS })
  const succeed = async (args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await call(args)
    assert.is(status, 0, `${args.join(' ')}\n${stderr}`)
    return stdout
  }
  return {
    dir,
    run: call,
    enqueue: async (...args) => (await succeed(['enqueue', ...args])).trim(),
    queue: async () => JSON.parse(await succeed(['queue', '--json'])),
    async worker(args = [], more = {}) {
      const started = running(join(dir, 'tasks.ts'), ['worker', ...args], {
        ...{ cwd: dir, home, limitMs: LIMIT_MS },
        env: { ...env, ...more },
      })
      await started.shows(/ worker \S+ \(process \d+\): /)
      return started
    },
    notes: () =>
      existsSync(join(dir, 'notes.txt')) ? readFileSync(join(dir, 'notes.txt'), 'utf8').trim().split('\n') : [],
    write: (file, text) => writeFileSync(join(dir, file), text),
    cleanup,
  }
}

export function tasksFile(entries: string): string {
  return `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
${entries}
})
await main(import.meta, tasks)\n`
}

export async function withOffice(
  given: Parameters<typeof office>,
  check: (office: Office) => Promise<void>,
): Promise<void> {
  const opened = office(...given)
  try {
    await check(opened)
  } finally {
    opened.cleanup()
  }
}

/** Ends the worker as a supervisor does, and asserts that it ended in order. */
export async function stop(worker: Running): Promise<string> {
  worker.signal('SIGTERM')
  const { status, stderr } = await worker.ended
  assert.match(stderr, / stopped\nInterrupted\.\n$/)
  assert.is(status, 143)
  return stderr
}

/** As a power failure does. */
export async function kill(worker: Running): Promise<void> {
  worker.signal('SIGKILL')
  await worker.ended
}

/** Waits until `look` gives something, and gives that. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const start = performance.now(); performance.now() - start < LIMIT_MS; ) {
    const found = await look()
    if (found !== undefined) return found
    await setTimeout(50)
  }
  throw new Error(`It never came to this: ${what}`)
}
