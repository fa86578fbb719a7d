/** A whole folder of scripts as entries of `tasks.ts`. */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { didYouMean } from '../../core/nearest.ts'
import { systemCode } from '../../core/system_code.ts'
import type { Access, TaskEntry } from './entry.ts'

export interface FolderOptions {
  /** Put before each file's name: `finance:` makes `finance:export` of `export.ts`. */
  readonly prefix?: string
  /** Of every task of the folder; default `write`. */
  readonly access?: Access
  readonly group?: string
}

/**
 * Every script of a folder, to be spread into `defineTasks`: each `.ts`, `.mts` and `.js` file that does not begin with `_`
 * or `.`, named after its file. Type declarations (`.d.ts`) and tests (`.test.ts`) are no scripts. Folders inside are not
 * searched.
 *
 * The path is relative to `tasks.ts`. This function cannot know where that is, so what it gives is a note of what to read,
 * and `defineTasks` reads the folder. An entry written out for the same file replaces the folder's.
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
  /** Folder the entry came from; undefined where it was written out. */
  readonly folder: string | undefined
}

/** Replaces the notes that `folder()` left by the files found; what cannot be read is added to `problems`. */
export function expandFolders(directory: string, entries: object, problems: string[]): NamedEntry[] {
  return Object.entries(entries).flatMap(([name, entry]): NamedEntry[] => {
    const note = (entry as { [FOLDER]?: FolderNote } | null | undefined)?.[FOLDER]
    return note ? readFolder(directory, note, problems) : [{ name, entry, folder: undefined }]
  })
}

/** Whether a file of this name is a script, by the rules of `folder()`. */
export function isScriptName(name: string): boolean {
  return /^[^_.].*\.(ts|mts|js)$/.test(name) && !/\.(d|test)\.\w+$/.test(name)
}

// --- internal ---

const FOLDER: unique symbol = Symbol.for('wfg.folder') as never
const OPTIONS = ['prefix', 'access', 'group']

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
