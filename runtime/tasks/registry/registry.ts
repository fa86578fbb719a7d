/** The registry: the entries of `tasks.ts`, resolved. No script is imported, and only `folder()` reads a folder. */
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import { quotedPath } from '../../core/visible.ts'
import { type Access, type Need, readEntry, type TaskEntry } from './entry.ts'
import { expandFolders, type NamedEntry } from './folder.ts'
import { type Grants, grantsOf } from './grants.ts'

export interface Task extends Omit<TaskEntry, 'script' | 'access' | 'aliases' | 'needs' | 'hidden' | 'isolated'> {
  readonly name: string
  /** Absolute path; undefined for an entry that only needs others. */
  readonly script: string | undefined
  /** The script's path relative to the registry's folder, with forward slashes. */
  readonly file: string | undefined
  /** Resolved: without a script, the strongest access of what is needed, however indirectly. */
  readonly access: Access
  readonly aliases: readonly string[]
  /** By name: an alias in `tasks.ts` was replaced by the name of its task. */
  readonly needs: readonly Need[]
  readonly hidden: boolean
  /** Undefined for a script that runs with all rights of this process. */
  readonly isolated: Grants | undefined
}

export interface Registry {
  /** `import.meta.url` of `tasks.ts`. */
  readonly url: string
  /** Folder of `tasks.ts`: script paths are relative to it. */
  readonly directory: string
  /** Path of `tasks.ts`. */
  readonly file: string
  /** By name, in the order written. */
  readonly tasks: ReadonlyMap<string, Task>
  /** Mistakes in the entries. `checkRegistry` reports them with its own. */
  readonly problems: readonly string[]
  /** By name or alias. */
  find(name: string): Task | undefined
}

export interface TasksOptions<Name extends string = string> {
  /** For every entry that sets nothing else, except the task that it names. */
  readonly defaults?: Pick<TaskEntry<Name>, 'onFailure'> | undefined
}

/**
 * Defines the tasks. Never throws for a mistake in the entries, so that `tasks.ts` can always be imported:
 * `checkRegistry` reports all mistakes before anything runs.
 *
 * @param url `import.meta.url`
 */
export function defineTasks<const T>(
  url: string,
  entries: { readonly [K in keyof T]: TaskEntry<keyof T & string> },
  options: TasksOptions<keyof T & string> = {},
): Registry {
  const problems: string[] = []
  const file = readPath(url, problems)
  const directory = dirname(file)
  const written = readEntries(directory, entries, problems)
  const names = new Map<string, string>()
  for (const [name, { aliases = [] }] of written) for (const alias of aliases) names.set(alias, name)
  for (const name of written.keys()) names.set(name, name)
  const nameOf = (named: string) => names.get(named) ?? named
  const byDefault = readDefaults(options, problems)
  const resolved = new Map<string, ResolvedEntry>()
  for (const [name, entry] of written) {
    const needs = (entry.needs ?? []).map((need) => (typeof need === 'string' ? { task: need } : need))
    const onFailure = entry.onFailure ?? (byDefault && nameOf(byDefault) !== name ? byDefault : undefined)
    resolved.set(name, {
      ...entry,
      needs: needs.map((need) => ({ ...need, task: nameOf(need.task) })),
      ...(onFailure === undefined ? {} : { onFailure: nameOf(onFailure) }),
    })
  }
  const tasks = new Map<string, Task>()
  for (const [name, entry] of resolved) {
    const task = createTask(directory, name, entry, resolved)
    tasks.set(name, task)
    if (entry.script === undefined && entry.access === 'read' && task.access === 'write') {
      problems.push(`${JSON.stringify(name)} says access 'read' and needs a task that can write`)
    }
  }
  return { url, directory, file, tasks, problems, find: (name) => tasks.get(nameOf(name)) }
}

/**
 * Finds a task by its name or alias.
 *
 * @param tool what starts the tool, such as `npx tsx tasks.ts`
 * @throws {UsageError} naming the nearest task or command
 */
export function findTask(registry: Registry, name: string, commandNames: readonly string[], tool: string): Task {
  const task = registry.find(name)
  if (task) return task
  const known = [...registry.tasks.values()]
    .filter((each) => !each.hidden)
    .flatMap((each) => [each.name, ...each.aliases])
  const asFile = /[\\/]|\.[mc]?[jt]s$/.test(name) ? '; to run a file, put "run" before it' : ''
  throw new UsageError(
    `Cannot run ${quotedPath(name)}: no task or command has that name${asFile}` +
      `${didYouMean(name, [...known, ...commandNames]) || '.'} \`${tool}\` lists them.`,
  )
}

// --- internal ---

interface ResolvedEntry extends TaskEntry {
  readonly needs: readonly Need[]
}

function readPath(url: string, problems: string[]): string {
  try {
    return fileURLToPath(url)
  } catch {
    problems.push('defineTasks() needs import.meta.url as its first argument')
    return resolve('tasks.ts')
  }
}

function readEntries(directory: string, entries: unknown, problems: string[]): Map<string, TaskEntry> {
  const read = new Map<string, { entry: TaskEntry; from: NamedEntry }>()
  if (typeof entries !== 'object' || entries === null) {
    problems.push('defineTasks() needs an object of tasks as its second argument')
    return new Map()
  }
  for (const from of expandFolders(directory, entries, problems)) {
    const { entry, problems: found } = readEntry(from.name, from.entry)
    problems.push(...found)
    const earlier = read.get(from.name)
    if (!earlier) read.set(from.name, { entry, from })
    else if (!isSameScript(directory, earlier.entry, entry)) problems.push(duplicate(earlier.from, from))
    else if (from.folder === undefined) read.set(from.name, { entry, from })
  }
  return new Map([...read].map(([name, { entry }]) => [name, entry]))
}

/** Returns the default of `onFailure`. The author may write JavaScript. */
function readDefaults(options: unknown, problems: string[]): string | undefined {
  const { defaults, ...unknown } = Object(options) as { defaults?: unknown }
  const { onFailure, ...others } = Object(defaults) as { onFailure?: unknown }
  const isName = onFailure === undefined || (typeof onFailure === 'string' && onFailure !== '')
  if (isName && Object.keys({ ...unknown, ...others }).length === 0) return onFailure
  problems.push("the third argument of defineTasks() needs to be such as { defaults: { onFailure: 'notify-webhook' } }")
  return undefined
}

function isSameScript(directory: string, a: TaskEntry, b: TaskEntry): boolean {
  if (a.script === undefined || b.script === undefined) return false
  return resolve(directory, a.script) === resolve(directory, b.script)
}

function duplicate(...entries: NamedEntry[]): string {
  const places = entries.map(({ folder }) => (folder === undefined ? 'as an entry' : `in folder ${quotedPath(folder)}`))
  return `${JSON.stringify(entries[0]!.name)} names two tasks: ${places.join(' and ')}`
}

function createTask(
  directory: string,
  name: string,
  entry: ResolvedEntry,
  all: ReadonlyMap<string, ResolvedEntry>,
): Task {
  const script = entry.script === undefined ? undefined : resolve(directory, entry.script)
  return {
    ...entry,
    name,
    script,
    file: script === undefined ? undefined : fromFolder(directory, script).split(sep).join('/'),
    access: canWrite(name, all, new Set()) ? 'write' : 'read',
    aliases: entry.aliases ?? [],
    hidden: entry.hidden ?? name.startsWith('_'),
    isolated: grantsOf(entry.isolated, directory),
  }
}

/** Like `relative`, but fast for a script below the folder: `relative` takes 3 ms for 300 tasks. */
function fromFolder(directory: string, path: string): string {
  const start = `${directory}${sep}`
  return path.startsWith(start) ? path.slice(start.length) : relative(directory, path)
}

function canWrite(name: string, all: ReadonlyMap<string, ResolvedEntry>, seen: Set<string>): boolean {
  const entry = all.get(name)
  if (!entry || seen.has(name)) return false
  seen.add(name)
  const { script, access, needs } = entry
  if (script !== undefined || needs.length === 0) return access !== 'read'
  return access === 'write' || needs.some(({ task }) => canWrite(task, all, seen))
}
