/** What a name on the command line stands for: a task, or the file of a script. */
import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { startCommand } from '../arguments/start_command.ts'
import { findTask, type Registry, type Task } from '../registry/registry.ts'
import { adviceOn } from '../registry/unnamed_script.ts'

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
    if (advice) throw new UsageError(`Cannot run ${JSON.stringify(name)}: no task has that name. ${advice}`)
    if (/[\\/]|\.[mc]?[jt]s$/.test(name)) {
      throw new UsageError(`Cannot run ${JSON.stringify(name)}: there is no such file in ${JSON.stringify(directory)}.`)
    }
    return { task: findTask(registry, name, otherNames, tool) }
  }
  const real = realpathSync(file)
  const registered = taskOfFile(registry, real)
  return registered ? { task: registered } : { file: real }
}

/** The task whose script is this file, links resolved. */
export function taskOfFile(registry: Registry, file: string): Task | undefined {
  return [...registry.tasks.values()].find(
    ({ script }) => script !== undefined && existsSync(script) && realpathSync(script) === file,
  )
}
