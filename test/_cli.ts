/** Runs the command as a person does: a process of its own, on the runtime that runs the tests. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { LINKS } from './_links.ts'
import { PATIENCE } from './_not_run.ts'
import { BY_LAUNCHER, RUNTIME, startOf } from './_runtime.ts'

export { runtimeArgs } from './_runtime.ts'

/** Absolute path of the repository. */
export const REPOSITORY = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/** What starts a file on the runtime that runs the tests, as help shows it. */
export const STARTER = { node: 'npx tsx', deno: 'deno run -A', bun: 'bun run' }[RUNTIME]

/** What starts the tool. */
export const TOOL = BY_LAUNCHER ? 'npx wfg' : `${STARTER} tasks.ts`

export interface CliOptions {
  /** Default: the folder of the entry. */
  cwd?: string
  /** Added to an environment that has only `PATH`, an empty `HOME`, and `LANG`. */
  env?: Record<string, string>
  /** Text for standard input, which ends after it. Default: it ends at once. */
  stdin?: string
  /** Closes standard output from our side as soon as something came, like `| head`. */
  closeStdout?: boolean
  /** What runs the file. Default: the runtime that runs the tests. */
  command?: readonly string[]
  /** The file to start. Default: the repository's `tasks.ts`. */
  entry?: string
  /** After this many milliseconds the process is killed and the promise rejects. Default 60000. */
  limitMs?: number
}

export interface CliResult {
  /** The exit code; null when a signal ended the process. */
  status: number | null
  signal: string | null
  stdout: string
  stderr: string
}

/**
 * Runs the entry with these arguments and waits for its end.
 *
 * @throws {Error} with both outputs, when it takes too long
 */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const entry = options.entry ?? join(REPOSITORY, 'tasks.ts')
  const home = temporaryFolder()
  try {
    const { cwd = dirname(entry), command } = options
    const start = command ? [...command, entry] : startOf(entry, cwd)
    return await collect([...start, ...args], home, { ...options, cwd })
  } finally {
    removeFolder(home)
  }
}

export interface Project {
  /** Absolute path of the folder. */
  readonly dir: string
  /** As `runCli`, for the project's own `tasks.ts`; `entry` and `cwd` are relative to its folder. */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>
  cleanup(): void
}

/**
 * Makes a folder as a user has it: `package.json` with the package imports, this runtime and its packages (by links),
 * and the given files.
 *
 * @param files path → content, e.g. `{ 'tasks.ts': '…', 'scripts/x.ts': '…', '.env': '…' }`
 */
export function project(files: Readonly<Record<string, string>>): Project {
  const dir = folderWithPackages()
  if (LINKS.folder) symlinkSync(join(REPOSITORY, 'runtime'), join(dir, 'runtime'), 'junction')
  else addStandIn()
  for (const [path, content] of Object.entries({ ...PROJECT_FILES, ...files })) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    const text = LINKS.folder ? content : content.replaceAll(OWN_RUNTIME, `$1${pathToFileURL(REPOSITORY)}/runtime/`)
    // As `init` writes it: a run warns of one that others may read.
    writeFileSync(join(dir, path), text, { mode: path.startsWith('.env') ? 0o600 : 0o644 })
  }
  return {
    dir,
    run(args, options = {}) {
      const { entry: file = 'tasks.ts' } = options
      const entry = join(LINKS.folder || !file.startsWith('runtime/') ? dir : REPOSITORY, file)
      return runCli(args, { ...options, entry, cwd: join(dir, options.cwd ?? '.') })
    },
    cleanup() {
      removeFolder(dir)
    },
  }
}

/** The variables that name the folders of a user whose home this is. */
export function homeEnv(home: string): Record<string, string> {
  if (process.platform !== 'win32') return { HOME: home }
  return { HOME: home, USERPROFILE: home, LOCALAPPDATA: join(home, 'AppData', 'Local') }
}

/** The variables of a process that has a home of its own, and little else. */
export function environment(home: string): Record<string, string> {
  const env: Record<string, string> = {
    ...homeEnv(home),
    LANG: 'C.UTF-8',
    // esbuild compiles in less time if it does not look for memory that is free again.
    GOGC: 'off',
    // Set by a terminal that shows all characters.
    WT_SESSION: '1',
    // Deno compiles everything anew in an empty HOME, and sometimes looks for a newer Deno, by the proxy of a test.
    DENO_DIR: join(homedir(), '.cache', 'deno'),
    DENO_NO_UPDATE_CHECK: '1',
  }
  // By NODE_V8_COVERAGE coverage follows into child processes.
  const deno = ['DENO_DIR', 'DENO_DISABLE_NODE_SHIM']
  for (const name of ['PATH', 'NODE_V8_COVERAGE', ...deno, 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP']) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}

/** A new folder with the repository's packages. If no links can be made, it is below them. */
export function folderWithPackages(): string {
  if (LINKS.folder) {
    const folder = temporaryFolder()
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'), 'junction')
    return folder
  }
  mkdirSync(join(REPOSITORY, '.wfg'), { recursive: true })
  return realpathSync(mkdtempSync(join(REPOSITORY, '.wfg', 'test-')))
}

/** A new empty folder, by its real path; whoever asks removes it. */
export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'wfg-test-')))
}

/**
 * Removes a folder, in which a process that was killed may still write for a moment. Under Wine a folder may be in use long
 * after its processes have ended; then it stays.
 */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  } catch (error) {
    if (process.platform !== 'win32') throw error
  }
}

// --- internal ---

/** An import of the runtime that a project has by a link. */
const OWN_RUNTIME = /(['"])(?:\.\.?\/)+runtime\//g
/** In place of links: a package that leads to the runtime. */
const STAND_IN = 'wfg-of-this-repository'

function addStandIn(): void {
  const stand = join(REPOSITORY, 'node_modules', STAND_IN)
  if (existsSync(stand)) return
  mkdirSync(stand, { recursive: true })
  const names = { '.': 'mod', './tasks': 'tasks', './testing': 'testing' }
  for (const name of [...Object.values(names), 'prepared'])
    writeFileSync(join(stand, `${name}.mjs`), `export * from '../../runtime/prepared/${name}.mjs'\n`)
  const exports = Object.fromEntries(
    Object.entries(names).map(([path, name]) => {
      const types = `../../runtime/${path === '.' ? 'mod' : `${name}/mod`}.ts`
      writeFileSync(join(stand, `${name}.d.ts`), `export * from '${types}'\n`)
      return [path, { types: `./${name}.d.ts`, default: `./${name}.mjs` }]
    }),
  )
  writeFileSync(
    join(stand, 'package.json'),
    JSON.stringify({ name: STAND_IN, version: '0.0.0', type: 'module', exports }),
  )
}

/** Deno refuses a package that is in no lock file. */
const OF_DENO = {
  '#wfg': `${pathToFileURL(REPOSITORY)}/runtime/prepared/mod.mjs`,
  '#wfg/tasks': `${pathToFileURL(REPOSITORY)}/runtime/prepared/tasks.mjs`,
  '#wfg/testing': `${pathToFileURL(REPOSITORY)}/runtime/prepared/testing.mjs`,
}

const PROJECT_FILES = {
  'package.json': JSON.stringify({
    name: 'project',
    private: true,
    type: 'module',
    imports: {
      ...(LINKS.folder
        ? {
            '#wfg': { types: './runtime/mod.ts', default: './runtime/prepared/mod.mjs' },
            '#wfg/tasks': { types: './runtime/tasks/mod.ts', default: './runtime/prepared/tasks.mjs' },
            '#wfg/testing': { types: './runtime/testing/mod.ts', default: './runtime/prepared/testing.mjs' },
          }
        : { '#wfg': STAND_IN, '#wfg/tasks': `${STAND_IN}/tasks`, '#wfg/testing': `${STAND_IN}/testing` }),
    },
  }),
  'deno.json': JSON.stringify({ nodeModulesDir: 'manual', lock: false, ...(LINKS.folder ? {} : { imports: OF_DENO }) }),
  // Or Bun puts what is in `.env` before all else.
  'bunfig.toml': 'env = false\n',
}

function withHome(env: Record<string, string> = {}): Record<string, string> {
  return env['HOME'] === undefined ? env : { ...homeEnv(env['HOME']), ...env }
}

function collect(
  [program, ...argv]: string[],
  home: string,
  options: CliOptions & { cwd: string },
): Promise<CliResult> {
  const { cwd, stdin = '' } = options
  const limitMs = (options.limitMs ?? 60_000) * PATIENCE
  return new Promise((resolve, reject) => {
    const child = spawn(program!, argv, { cwd, env: { ...environment(home), ...withHome(options.env) } })
    const output = { stdout: '', stderr: '' }
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, limitMs)
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text
      })
    }
    if (options.closeStdout) child.stdout.once('data', () => child.stdout.destroy())
    child.stdin.on('error', () => {}) // it may end without reading
    child.stdin.end(stdin)
    child.on('error', reject)
    child.on('close', (status, signal) => {
      clearTimeout(timer)
      if (late)
        reject(
          new Error(
            `"${argv.join(' ')}" did not end within ${limitMs} ms and was killed\n${output.stdout}${output.stderr}`,
          ),
        )
      else resolve({ status, signal, ...output })
    })
  })
}
