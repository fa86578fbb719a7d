/** Makes a task of every script in a folder. */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { didYouMean } from '../../core/nearest.ts'
import { systemCode } from '../../core/system_code.ts'
import type { Access, Isolation, TaskEntry } from './entry.ts'

export interface FolderOptions {
  /** Precedes each file's name: with `finance:`, `export.ts` is the task `finance:export`. */
  readonly prefix?: string
  /** For every task of the folder. Default `write`. */
  readonly access?: Access
  readonly group?: string
  /** For every task of the folder. Default `false`. */
  readonly isolated?: boolean | Isolation
}

/**
 * Every script of a folder, to be spread into `defineTasks`: each `.ts`, `.mts` and `.js` file whose name does not begin
 * with `_` or `.`. A task has the name of its file. Type declarations (`.d.ts`), tests (`.test.ts`) and subfolders are left
 * out.
 *
 * The path is relative to `tasks.ts`. Only `defineTasks` knows where that is, so it reads the folder. A separate entry for
 * the same file replaces the folder's.
 *
 * @example
 * defineTasks(import.meta.url, { ...folder('./scripts/finance', { prefix: 'finance:', access: 'read' }) })
 */
export function folder(path: string, options: FolderOptions = {}): Record<`folder ${string}`, TaskEntry> {
  return { [`folder ${path} ${options?.prefix ?? ''}`]: { [FOLDER]: { path, options } } as TaskEntry }
}

export interface NamedEntry {
  readonly name: string
  readonly entry: unknown
  /** Folder that the entry comes from; undefined for an entry of its own. */
  readonly folder: string | undefined
}

/** Replaces what `folder()` returned by an entry for each file. What cannot be read is added to `problems`. */
export function expandFolders(directory: string, entries: object, problems: string[]): NamedEntry[] {
  return Object.entries(entries).flatMap(([name, entry]): NamedEntry[] => {
    const note = (entry as { [FOLDER]?: FolderNote } | null | undefined)?.[FOLDER]
    return note ? readFolder(directory, note, problems) : [{ name, entry, folder: undefined }]
  })
}

/** True if a file of this name is a script, by the rules of `folder()`. */
export function isScriptName(name: string): boolean {
  return /^[^_.].*\.(ts|mts|js)$/.test(name) && !/\.(d|test)\.\w+$/.test(name)
}

// --- internal ---

const FOLDER: unique symbol = Symbol.for('wfg.folder') as never
const OPTIONS = ['prefix', 'access', 'group', 'isolated']

interface FolderNote {
  readonly path: string
  readonly options: FolderOptions
}

function readFolder(directory: string, { path, options }: FolderNote, problems: string[]): NamedEntry[] {
  if (typeof path !== 'string') {
    problems.push("folder() needs the path of a folder, such as './scripts/finance'")
    return []
  }
  const { prefix = '', ...rest } = options
  for (const option of Object.keys(options)) {
    if (OPTIONS.includes(option)) continue
    problems.push(`folder(${JSON.stringify(path)}) has the unknown option "${option}"${didYouMean(option, OPTIONS)}`)
    delete (rest as Record<string, unknown>)[option]
  }
  try {
    const files = readdirSync(resolve(directory, path)).filter(isScriptName).sort()
    return files.map((file) => ({
      name: `${prefix}${file.replace(/\.\w+$/, '')}`,
      entry: { script: join(path, file), ...rest },
      folder: path,
    }))
  } catch (error) {
    problems.push(`folder(${JSON.stringify(path)}) cannot be read (${systemCode(error)})`)
    return []
  }
}
