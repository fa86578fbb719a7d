/** What is started, as data: a way of starting, a file, and what it needs. */
import { join } from 'node:path'
import type { Command } from './processes.ts'
import type { Setup } from './setup.ts'

/** The launcher, from a project's folder. */
export const LAUNCHER = {
  clone: join('runtime', 'cli', 'wfg.mjs'),
  dependent: join('node_modules', 'wfg-scripts', 'runtime', 'cli', 'wfg.mjs'),
}

/** Ways of starting a file. */
const STARTS = {
  node20: ({ program }) => [program('node20')],
  node24: ({ program }) => [program('node24')],
  tsx: ({ program }) => [program('node20'), '--import', 'tsx'],
  'npx tsx': ({ program }) => [program('node20'), program('npx'), 'tsx'],
  'tsx bin': ({ program, packages }) => [program('node20'), join(packages.folderOf('tsx'), 'dist', 'cli.mjs')],
  zx: ({ program, packages }) => [program('node20'), join(packages.folderOf('zx'), 'build', 'cli.js')],
  deno: ({ program }) => [program('deno'), 'run', '-A', '--no-prompt'],
} satisfies Record<string, (setup: Setup) => readonly string[]>

export type Start = keyof typeof STARTS

/** A program of `ways/`; `needs` are its packages. */
export function way(setup: Setup, start: Start, file: string, needs: readonly string[] = []): Command {
  for (const name of needs) setup.packages.folderOf(name)
  return { argv: [...STARTS[start](setup), file], cwd: setup.folders.ways, env: setup.env }
}

/** The tool, with its words, in one of the projects. */
export function tool(
  setup: Setup,
  start: Start,
  words: readonly string[],
  { project = 'clone', file = 'tasks.ts', cache = setup.env['WFG_CACHE_DIR']! }: ToolOptions = {},
): Command {
  const env = { ...setup.env, WFG_CACHE_DIR: cache }
  return { argv: [...STARTS[start](setup), file, ...words], cwd: setup.folders[project], env }
}

export interface ToolOptions {
  project?: 'clone' | 'dependent' | 'many'
  /** What is started; default: `tasks.ts`. */
  file?: string
  /** Default: the warm one. */
  cache?: string
}
