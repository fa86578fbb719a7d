/** What a name on the command line stands for: a task, or the file of a script. */

import { existsSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { quotedPath } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { typedWord } from '../../host/user_shell.ts'
import { knownPath } from '../../host/windows_name.ts'
import { startCommand } from '../arguments/start_command.ts'
import { nameProblems } from '../registry/entry.ts'
import { isScriptName } from '../registry/folder.ts'
import { findTask, type Registry, type Task } from '../registry/registry.ts'

export type Target = { readonly task: Task } | { readonly file: string }

/**
 * Finds what the name stands for. A file's path is relative to the working directory.
 *
 * @param otherNames the commands, which may have been meant as well
 * @throws {UsageError} `WFG_USAGE` if it is neither a task nor a file. It names the script or the task that may be meant.
 */
export function findTarget(
  host: Pick<Host, 'cwd' | 'program' | 'runtime'>,
  registry: Registry,
  name: string,
  otherNames: readonly string[] = [],
): Target {
  const [directory, tool] = [host.cwd(), startCommand(host)]
  const task = registry.find(name)
  if (task) return { task }
  const file = resolve(directory, name)
  if (!existsSync(file)) {
    const advice = adviceOn(registry, name, { directory, tool })
    if (advice) throw new UsageError(`Cannot run ${quotedPath(name)}: no task has that name. ${advice}`)
    if (/[\\/]|\.[mc]?[jt]s$/.test(name)) {
      throw new UsageError(`Cannot run ${quotedPath(name)}: there is no such file in ${quotedPath(directory)}.`)
    }
    return { task: findTask(registry, name, otherNames, tool) }
  }
  const registered = taskOfFile(registry, file)
  return registered ? { task: registered } : { file: importPath(registry, file) }
}

/** The task whose script is this file, by whichever path. */
export function taskOfFile(registry: Registry, file: string): Task | undefined {
  const known = knownPath(file)
  return [...registry.tasks.values()].find(
    ({ script }) => script !== undefined && existsSync(script) && knownPath(script) === known,
  )
}

/**
 * Advice for a name that is no task, but the name of a script in `scripts/`, with or without its extension; else undefined.
 *
 * @param typed the working directory, and what starts the tool
 */
export function adviceOn(
  registry: Registry,
  name: string,
  typed: { readonly directory: string; readonly tool: string },
): string | undefined {
  const { directory, tool } = typed
  const file = ['', '.ts', '.mts', '.js'].map((extension) => `scripts/${name}${extension}`).find(isScriptIn(registry))
  if (file === undefined) return undefined
  const task = taskOfFile(registry, join(registry.directory, file))
  if (task) return `The file ${file} is the task ${JSON.stringify(task.name)}: \`${tool} ${task.name}\` runs it.`
  const path = relative(directory, join(registry.directory, file)).split(sep).join('/')
  const asItIs = `\`${tool} run ${typedWord(path)}\` runs it as it is`
  const key = name.replace(/\.\w+$/, '')
  const exists = `The file ${file} exists, and tasks.ts does not name it.`
  if (nameProblems(key, 'name').length > 0) return `${exists} ${asItIs}.`
  const entry = `${/^[a-z]\w*$/.test(key) ? key : `'${key}'`}: { script: './${file}' },`
  return `${exists} The line \`${entry}\` there makes it a task; ${asItIs}.`
}

// --- internal ---

/**
 * Returns the path to import a file by. A file of this project has one that begins like that of `tasks.ts`: by another one
 * with the same meaning, such as `c:\\` for `C:\\` or a link on Deno, its imports would be other modules than those of
 * `tasks.ts`.
 */
function importPath({ directory }: Registry, file: string): string {
  const below = relative(knownPath(directory), knownPath(file))
  const isInside = !isAbsolute(below) && below.split(sep)[0] !== '..'
  return isInside ? join(directory, below) : realpathSync(file)
}

function isScriptIn({ directory }: Registry): (file: string) => boolean {
  return (file) => isScriptName(file.slice('scripts/'.length)) && existsSync(join(directory, file))
}
