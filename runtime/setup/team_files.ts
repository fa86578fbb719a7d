/** The files of a team's folder, as this version of the package has them. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, posix, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeEntries } from './register.ts'

/** The folder of this package, as source and as compiled. */
export const PACKAGE = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** Returns the paths of the scripts that a team can do without. */
export function choosableScripts(): string[] {
  const all = readScripts()
  const needed = withImports(readTemplates(), all)
  return [...all.keys()].filter((path) => isScript(path) && !needed.has(path))
}

/** Returns each file by its path, without the scripts that are left out and what only those import. */
export function teamFiles(leftOut: readonly string[]): Map<string, string> {
  const [all, templates] = [readScripts(), readTemplates()]
  const chosen = [...all].filter(([path]) => isSchema(path) || (isScript(path) && !leftOut.includes(path)))
  const files = withImports(new Map([...templates, ...chosen]), all)
  const tasks = removeEntries(
    readShipped('tasks.ts'),
    [...all.keys()].filter((path) => isScript(path) && !files.has(path)).map((path) => basename(path, '.ts')),
  )
  const shared = SHARED.map((path) => [path, readShipped(path)] as const)
  return new Map([...shared, ['tasks.ts', tasks] as const, ...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

// --- internal ---

/** Files that a team has as this repository has them. */
const SHARED = ['.env.example', '.editorconfig', '.graphqlrc.json']
const TEMPLATES = fileURLToPath(new URL('./team', import.meta.url))

const isSchema = (path: string) => path.startsWith('scripts/.schema/')
const isScript = (path: string) => !isSchema(path) && !path.includes('/_')

/** The ready scripts, what they share, and the schema that types them. */
function readScripts(): Map<string, string> {
  const paths = filesBelow(resolve(PACKAGE, 'scripts')).map((path) => `scripts/${path}`)
  return new Map(
    paths.filter((path) => isSchema(path) || path.endsWith('.ts')).map((path) => [path, readShipped(path)]),
  )
}

/** npm would leave out or rename some files, and the compiler would read others, so all have one more extension. */
function readTemplates(): Map<string, string> {
  return new Map(
    filesBelow(TEMPLATES).map((path) => [path.replace(/\.txt$/, ''), readFileSync(resolve(TEMPLATES, path), 'utf8')]),
  )
}

function readShipped(path: string): string {
  return readFileSync(resolve(PACKAGE, path), 'utf8').replaceAll("'#wfg", "'wfg-scripts")
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      resolve(parentPath, name)
        .slice(folder.length + 1)
        .replaceAll(sep, '/'),
    )
    .sort()
}

/** Returns the files and, with them, the scripts that they import. */
function withImports(files: ReadonlyMap<string, string>, scripts: ReadonlyMap<string, string>): Map<string, string> {
  const found = new Map(files)
  // The loop also visits what is added to the map meanwhile.
  for (const [path, text] of found) {
    for (const [, specifier] of text.matchAll(/\bfrom '(\.[^'\n]+)'/g)) {
      const imported = posix.join(posix.dirname(path), specifier!)
      if (scripts.has(imported)) found.set(imported, scripts.get(imported)!)
    }
  }
  return found
}
