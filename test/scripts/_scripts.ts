/** The scripts of the folder in a project of their own, run by name against a sandbox that the test may close and start again. */
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../runtime/sandbox/mod.ts'
import { type CliOptions, type CliResult, type Project, project, REPOSITORY } from '../_cli.ts'
import { here } from '../cli/_here.ts'
import { type Running, running } from '../cli/_running.ts'

export type Row = Readonly<Record<string, unknown>>

interface Runs {
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>
  /** The rows of a run that has to succeed, and what it said on standard error. */
  rows(args: readonly string[], options?: CliOptions): Promise<{ rows: Row[]; stderr: string }>
}

export interface ScriptsProject extends Project, Runs {
  /** The same in the test's process, in that folder, in a tenth of the time: for whatever a process shows no more of. */
  readonly here: Runs
  /** Starts a run that goes on until it is stopped. */
  start(args: readonly string[], env: Record<string, string>): Running
}

/** Every script of the folder is registered by its file's name; those that are named may write, the others may only read. */
export async function withScripts(
  work: (scripts: ScriptsProject) => Promise<void>,
  { writing = [] }: { writing?: readonly string[] } = {},
): Promise<void> {
  const names = readdirSync(join(REPOSITORY, 'scripts'))
    .filter((name) => /^[a-z].*\.ts$/.test(name))
    .map((name) => name.replace(/\.ts$/, ''))
  const entriesIn = (folder: string) =>
    names
      .map((name) => {
        const access = writing.includes(name) ? 'write' : 'read'
        return `  '${name}': { script: ${JSON.stringify(`${folder}/${name}.ts`)}, access: '${access}' },\n`
      })
      .join('')
  const made = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
${entriesIn('./scripts')}})
await main(import.meta, tasks)
`,
  })
  let isCopied = false
  /** Only a process needs them. */
  const copyScripts = () => {
    if (!isCopied) cpSync(join(REPOSITORY, 'scripts'), join(made.dir, 'scripts'), { recursive: true })
    isCopied = true
  }
  // These the test's process has loaded once, wherever the folder is.
  const entries = entriesIn(join(REPOSITORY, 'scripts'))
  const started: Running[] = []
  try {
    await work({
      ...made,
      ...runsOf((args, options) => {
        copyScripts()
        return made.run(args, options)
      }),
      here: runsOf((args, options) => inFolder(made.dir, () => here(made.dir, args, { ...options, entries }))),
      start(args, env) {
        copyScripts()
        const run = running(join(made.dir, 'tasks.ts'), args, { cwd: made.dir, home: made.dir, env, limitMs: LIMIT_MS })
        started.push(run)
        return run
      },
    })
  } finally {
    for (const run of started) await end(run, 'SIGKILL').catch(() => {})
    made.cleanup()
  }
}

/** Sends the signal, and gives how the run ended. */
export async function end(run: Running, signal: NodeJS.Signals): Promise<CliResult> {
  run.signal(signal)
  return run.ended
}

/** Starts a sandbox for `work`, and closes whichever is running at its end. */
export async function withSandboxes(
  work: (sandboxes: { current: Sandbox; restart(): Promise<void> }) => Promise<void>,
  options: SandboxOptions = {},
): Promise<void> {
  const sandboxes = {
    current: await startSandbox(options),
    /** A new one at the same address: new keys, and only the invented data. */
    async restart() {
      sandboxes.current = await startSandbox({ ...options, port: Number(new URL(sandboxes.current.origin).port) })
    },
  }
  try {
    await work(sandboxes)
  } finally {
    await sandboxes.current.close()
  }
}

// --- internal ---

const LIMIT_MS = 60_000

function runsOf(run: Runs['run']): Runs {
  return {
    run,
    async rows(args, options = {}) {
      const { status, stdout, stderr } = await run([...args, '--format', 'json'], options)
      if (status !== 0) throw new Error(`"${args.join(' ')}" ended with ${status}\n${stdout}${stderr}`)
      return { rows: [JSON.parse(stdout)].flat() as Row[], stderr }
    },
  }
}

/** Scripts take paths relative to the folder of the process. */
async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = process.cwd()
  process.chdir(folder)
  try {
    return await work()
  } finally {
    process.chdir(before)
  }
}
