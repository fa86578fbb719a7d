/** The runtime that runs the tests, and what makes it run a TypeScript file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, delimiter, dirname, join, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { LINKS } from './_links.ts'

export type Runtime = 'node' | 'deno' | 'bun'

export const RUNTIME: Runtime = process.versions['deno'] ? 'deno' : process.versions['bun'] ? 'bun' : 'node'

/** False on Node 20, which runs TypeScript by tsx. */
export const STRIPS_TYPES = Boolean((process.features as { typescript?: unknown }).typescript)

/** What follows the program of a runtime that runs a TypeScript file, by default this one. */
export function runtimeArgs(entry = '', runtime = RUNTIME): string[] {
  if (runtime === 'deno') return ['run', '-A', '--no-prompt']
  // JavaScript, such as the launcher, sees to TypeScript itself.
  const isEnough = runtime === 'bun' || entry.endsWith('.mjs') || (runtime === RUNTIME && STRIPS_TYPES)
  return isEnough ? [] : ['--import', TSX]
}

/** On Node, tests start tasks by the launcher, which takes half the time of tsx. `TEST_START=tsx` starts them by tsx. */
export const BY_LAUNCHER = RUNTIME === 'node' && process.env['TEST_START'] !== 'tsx'

/** What starts a file as people do. */
export function startOf(entry: string, cwd: string): [program: string, ...args: string[]] {
  const folder = dirname(entry)
  // Where no links can be made, a project has no runtime of its own.
  const owner = LINKS.folder || existsSync(join(folder, 'runtime')) ? folder : REPOSITORY
  const launcher = join(owner, 'runtime', 'cli', 'wfg.mjs')
  const isFound = basename(entry) === 'tasks.ts' && existsSync(launcher) && `${cwd}${sep}`.startsWith(`${folder}${sep}`)
  const isTasks = () => readFileSync(entry, 'utf8').includes('export const tasks')
  if (BY_LAUNCHER && isFound && isTasks()) return [process.execPath, launcher]
  return [process.execPath, ...runtimeArgs(entry), entry]
}

/** Path of a runtime: this one, that among the packages, or the machine's; undefined where there is none. */
export function programOf(runtime: Runtime): string | undefined {
  if (runtime === RUNTIME) return process.execPath
  const packages = join(REPOSITORY, 'node_modules', '@deno')
  // What npm puts into `.bin` starts Node first.
  const builds = existsSync(packages) ? readdirSync(packages).filter((each) => each.startsWith(BUILD)) : []
  const folders = [...builds.map((each) => join(packages, each)), ...(process.env['PATH'] ?? '').split(delimiter)]
  const name = process.platform === 'win32' ? `${runtime}.exe` : runtime
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** What runs the file on that runtime, by default one of TypeScript. */
export function commandOf(runtime: Runtime, file = ''): string[] | undefined {
  const program = programOf(runtime)
  return program === undefined ? undefined : [program, ...runtimeArgs(file, runtime)]
}

// --- internal ---

const BUILD = `${process.platform}-${process.arch}`
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
const TSX = pathToFileURL(join(REPOSITORY, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href
