/** Folders as people have them: tasks in a clone, tasks beside the package, and programs with their own packages. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { REPOSITORY } from '../_cli.ts'
import { execute } from './processes.ts'

/** Tasks in a clone: its runtime, and its packages by a link. */
export function writeClone(folder: string, url: string): void {
  cpSync(TASKS, folder, { recursive: true })
  for (const name of ['package.json', 'deno.json', 'deno.lock', 'runtime']) {
    cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true })
  }
  writeSettings(folder, url)
  link(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
}

/** A clone that has so many tasks. */
export function writeManyTasks(folder: string, url: string, count: number): void {
  writeClone(folder, url)
  const names = Array.from({ length: count }, (_, at) => `task-${at}`)
  for (const name of names) cpSync(join(TASKS, 'scripts', 'actions.ts'), join(folder, 'scripts', `${name}.ts`))
  const entries = names.map((name) => `  '${name}': { script: './scripts/${name}.ts', access: 'read' },\n`)
  writeFileSync(
    join(folder, 'tasks.ts'),
    `import { defineTasks, main } from '#wfg/tasks'\nexport const tasks = defineTasks(import.meta.url, {\n${entries.join('')}})\nawait main(import.meta, tasks)\n`,
  )
}

/** Tasks in a repository that has the package as a dependency, built as it is for packing. */
export async function writeDependent(
  folder: string,
  url: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  cpSync(TASKS, folder, { recursive: true })
  writeManifest(folder, { '#wfg': 'wfg-scripts', '#wfg/tasks': 'wfg-scripts/tasks' })
  writeSettings(folder, url)
  const target = join(folder, 'node_modules', 'wfg-scripts')
  cpSync(REPOSITORY, target, { recursive: true, filter: isPartOfPackage })
  link(join(REPOSITORY, 'node_modules'), join(target, 'node_modules'))
  await execute({ argv: [process.execPath, 'runtime/prepared/pack.mjs'], cwd: target, env })
  link(join(REPOSITORY, 'node_modules', 'valibot'), join(folder, 'node_modules', 'valibot'))
}

/** The programs that people would write today. */
export function writeWays(folder: string, packages: string): void {
  cpSync(WAYS, folder, { recursive: true, filter: (path) => path !== TASKS })
  writeManifest(folder, {})
  link(join(packages, 'node_modules'), join(folder, 'node_modules'))
}

// --- internal ---

const WAYS = fileURLToPath(new URL('./ways', import.meta.url))
const TASKS = join(WAYS, 'wfg')

/** Not what is large, private, or made anew. */
function isPartOfPackage(path: string): boolean {
  const [top = ''] = relative(REPOSITORY, path).split(sep)
  return !top.startsWith('.') && !['node_modules', 'test', 'dist', 'coverage'].includes(top)
}

function writeManifest(folder: string, imports: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', imports }))
  writeFileSync(join(folder, 'deno.json'), JSON.stringify({ nodeModulesDir: 'manual', lock: false }))
}

function writeSettings(folder: string, url: string): void {
  const settings = {
    WFG_GRAPHQL_URL: `${url}/wfgen/graphql`,
    WFG_ISSUER: `${url}/`,
    WFG_PROVIDER: 'auth0',
    WFG_AUDIENCE: `${url}/wfgen/graphql`,
    WFG_CLIENT_ID: 'client-of-the-benchmark',
    WFG_CLIENT_SECRET: 'secret-of-the-benchmark',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(folder, '.env'), lines.join(''), { mode: 0o600 })
}

function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  symlinkSync(from, to, 'junction')
}
