/** A project with a queue, and what people do with it in several terminals. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import * as assert from 'uvu/assert'
import { commands } from '../../runtime/cli/commands.ts'
import type { CommandName } from '../../runtime/cli/usages.ts'
import { stateFolder } from '../../runtime/host/state_folder.ts'
import { knownPath } from '../../runtime/host/windows_name.ts'
import { openStore } from '../../runtime/queue/store/open_store.ts'
import { takeToolFlags } from '../../runtime/tasks/arguments/tool_flags.ts'
import { defineTasks } from '../../runtime/tasks/registry/registry.ts'
import type { CommandCall } from '../../runtime/tasks/run/command_call.ts'
import { exitCodeOf, renderFailure } from '../../runtime/tasks/run/failure.ts'
import { type CliResult, homeEnv, type Project, project } from '../_cli.ts'
import { fakeHost } from '../_host.ts'
import { type Running, running } from '../cli/_running.ts'
import { makeDatabase, PGLITE_FLAGS } from './_pglite.ts'
import { storeHost } from './store/_store.ts'

export interface Office extends Pick<Project, 'dir'> {
  /** A command, in a terminal of its own. */
  run(args: readonly string[], env?: Record<string, string>): Promise<CliResult>
  /** A command in this process, which is quicker; for what runs no script, such as a `worker` that is refused. */
  here(args: readonly string[], env?: Record<string, string>): Promise<Pick<CliResult, 'status' | 'stdout' | 'stderr'>>
  /** What the command `enqueue` prints, the job's id; in this process. */
  enqueue(...args: string[]): Promise<string>
  /** What `queue --json` prints; in this process. */
  queue(): Promise<Record<string, unknown>[]>
  /** Starts a worker that says that it is there. */
  worker(args?: readonly string[], env?: Record<string, string>): Promise<Running>
  /**
   * Has the queue of this computer open meanwhile, as a worker that begins nothing: each command would open it anew, which
   * takes a second. No worker may run.
   */
  served(work: () => Promise<void>): Promise<void>
  /** Sets up to when the schedule of a task is handled, so that nothing waits for the next minute. No worker may run. */
  handledUntil(task: string, time: Date): Promise<void>
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
 * @param isFresh whether the first command or worker makes the database, as on a new machine
 */
export async function office(
  entries: string,
  scripts: Readonly<Record<string, string>>,
  env: Record<string, string> = {},
  isFresh = false,
): Promise<Office> {
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
    run(args, { env: { ...homeEnv(home), ...env, ...more }, limitMs: LIMIT_MS })
  const folder = env['WFG_DATABASE_URL'] === undefined && !isFresh ? queueFolder(dir, home) : undefined
  if (folder !== undefined) await makeDatabase(join(folder, 'data'))
  const here: Office['here'] = async ([name, ...words], more = {}) => {
    const kept = { ...env, ...homeEnv(home), ...more }
    const host = fakeHost({
      ...storeHost(),
      ...{ env: kept, secrets: kept, cwd: () => dir, userName: () => 'somebody', program: join(dir, 'tasks.ts') },
      ...{ stdin: undefined as never, redirectConsole: () => () => {}, execPath: process.execPath, knowsMain: false },
      restartCommand: () => [process.execPath, join(dir, 'tasks.ts')],
    })
    const text = readFileSync(join(dir, 'tasks.ts'), 'utf8')
    const entries = new Function(`return {${text.split('import.meta.url, {')[1]!.split('\n})\n')[0]}}`)()
    const registry = defineTasks(pathToFileURL(join(dir, 'tasks.ts')).href, entries)
    const { run } = await commands[name as CommandName]()
    const lifecycle = { signal: new AbortController().signal }
    try {
      const { flags, rest } = takeToolFlags(words)
      await run({ host, registry, args: rest, flags, lifecycle } as unknown as CommandCall)
      return { status: 0, stdout: host.out, stderr: host.err }
    } catch (error) {
      return {
        status: exitCodeOf(error),
        stdout: host.out,
        stderr: host.err + host.redactor.text(renderFailure(error, 'The command')),
      }
    }
  }
  const succeed = async (words: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await here(words)
    assert.is(status, 0, `${words.join(' ')}\n${stderr}`)
    return stdout
  }
  return {
    dir,
    run: call,
    here,
    enqueue: async (...args) => (await succeed(['enqueue', ...args])).trim(),
    queue: async () => JSON.parse(await succeed(['queue', '--json'])),
    async worker(args = [], more = {}) {
      const started = running(join(dir, 'tasks.ts'), ['worker', ...args], {
        ...{ cwd: dir, home, limitMs: LIMIT_MS },
        env: { ...env, ...more },
        flags: env['WFG_DATABASE_URL'] === undefined ? PGLITE_FLAGS : [],
      })
      await started.shows(/ worker \S+ \(process \d+\): /)
      return started
    },
    async served(work) {
      const store = await openStore({ host: storeHost(), databaseUrl: undefined, folder: folder!, role: 'worker' })
      try {
        await work()
      } finally {
        await store.close()
      }
    },
    async handledUntil(task, time) {
      const databaseUrl = env['WFG_DATABASE_URL']
      const store = await openStore({ host: storeHost(), databaseUrl, folder: folder ?? '', role: 'worker' })
      await store.setCronTime(task, time)
      await store.close()
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
  const opened = await office(...given)
  try {
    await check(opened)
  } finally {
    opened.cleanup()
  }
}

/** Where the processes keep the queue; see `openQueue()`. */
function queueFolder(dir: string, home: string): string | undefined {
  const project = createHash('sha256').update(knownPath(dir)).digest('hex').slice(0, 16)
  const host = fakeHost({ ...storeHost(), env: homeEnv(home), secrets: {}, cwd: () => dir })
  const state = stateFolder(host, undefined)
  return state && join(state, 'queue', project)
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
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  everyMs = 50,
): Promise<T> {
  for (const start = performance.now(); performance.now() - start < LIMIT_MS; ) {
    const found = await look()
    if (found !== undefined) return found
    await setTimeout(everyMs)
  }
  throw new Error(`It never came to this: ${what}`)
}
