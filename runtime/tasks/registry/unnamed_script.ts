/** Advice for a name that is no task, but the name of a script in `scripts/`. */
import { existsSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { nameProblems } from './entry.ts'
import { isScriptName } from './folder.ts'
import type { Registry } from './registry.ts'

export interface Typed {
  /** The working directory, which a path on the command line is relative to. */
  readonly directory: string
  /** What starts the tool. */
  readonly tool: string
}

/** Says what to do in sentences; undefined if no file in `scripts/` has that name, with or without its extension. */
export function adviceOn(registry: Registry, name: string, { directory, tool }: Typed): string | undefined {
  const file = ['', '.ts', '.mts', '.js'].map((extension) => `scripts/${name}${extension}`).find(isScriptIn(registry))
  if (file === undefined) return undefined
  const task = [...registry.tasks.values()].find((each) => each.file === file)
  if (task) return `The file ${file} is the task ${JSON.stringify(task.name)}: \`${tool} ${task.name}\` runs it.`
  const path = relative(directory, join(registry.directory, file)).split(sep).join('/')
  const asItIs = `\`${tool} run ${path}\` runs it as it is`
  const key = name.replace(/\.\w+$/, '')
  const exists = `The file ${file} exists, and tasks.ts does not name it.`
  if (nameProblems(key, 'name').length > 0) return `${exists} ${asItIs}.`
  const entry = `${/^[a-z]\w*$/.test(key) ? key : `'${key}'`}: { script: './${file}' },`
  return `${exists} The line \`${entry}\` there makes it a task; ${asItIs}.`
}

// --- internal ---

function isScriptIn({ directory }: Registry): (file: string) => boolean {
  return (file) => isScriptName(file.slice('scripts/'.length)) && existsSync(join(directory, file))
}
