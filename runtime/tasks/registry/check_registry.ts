/** Checks a whole registry before any of its tasks runs. */
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { didYouMean } from '../../core/nearest.ts'
import { refuseProblems } from '../../core/problems.ts'
import { quotedPath } from '../../core/visible.ts'
import { windowsNameProblem } from '../../host/windows_name.ts'
import { extensionProblem } from '../output/format.ts'
import { nameProblems } from './entry.ts'
import type { Registry, Task } from './registry.ts'

/**
 * Reports every mistake at once: entries, names, needs, `onFailure`, cycles, schedules, and scripts that do not exist.
 *
 * @param commandNames names that tasks may not have
 * @throws {UsageError} listing all of them
 */
export async function checkRegistry(registry: Registry, commandNames: readonly string[]): Promise<void> {
  const tasks = [...registry.tasks.values()]
  const scheduled = tasks.filter((task) => task.schedule)
  const isolated = tasks.filter((task) => task.isolated)
  const written = scheduled.filter((task) => task.schedule!.out !== undefined)
  const isFile = fileCheck()
  const schedules = scheduled.length === 0 ? undefined : await import('./check_schedule.ts')
  const outs = written.length === 0 ? undefined : await import('./schedule_out.ts')
  const grants = isolated.length === 0 ? undefined : await import('./grant_problems.ts')
  refuseProblems(`Cannot use the tasks of ${JSON.stringify(basename(registry.file))}`, [
    ...registry.problems,
    ...tasks.flatMap((task) => taskProblems(registry, task, commandNames, isFile)),
    ...aliasProblems(registry, commandNames),
    ...cycles(registry),
    ...scheduled.flatMap((task) => schedules!.scheduleProblems(task)),
    ...written.flatMap((task) => outs!.outProblems(registry, task)),
    ...isolated.flatMap((task) => grants!.grantProblems(registry, task)),
  ])
}

// --- internal ---

function taskProblems(
  registry: Registry,
  task: Task,
  commandNames: readonly string[],
  isFile: (path: string) => boolean,
): string[] {
  const name = JSON.stringify(task.name)
  const problems: string[] = []
  if (commandNames.includes(task.name)) problems.push(`${name} is the name of a command; the task needs another one`)
  if (task.script === undefined && task.needs.length === 0)
    problems.push(`${name} needs a "script", or "needs", to run`)
  if (task.script !== undefined && !isFile(task.script)) {
    problems.push(
      `${name}: the script ${quotedPath(task.file!)} does not exist${didYouMean(basename(task.script), filesIn(dirname(task.script)))}`,
    )
  }
  for (const { task: need, args, out } of task.needs) {
    const problem = out === undefined ? undefined : (windowsNameProblem(out) ?? extensionProblem(out))
    if (problem) problems.push(`${name}: ${quotedPath(out!)} cannot be written for ${JSON.stringify(need)}: ${problem}`)
    const needed = registry.tasks.get(need)
    if (needed?.script === undefined && needed && (args ?? out) !== undefined) {
      problems.push(`${name}: ${JSON.stringify(need)} has no script of its own that could use "args" or "out"`)
    }
    if (needed) continue
    problems.push(`${name} needs ${JSON.stringify(need)}, which is no task${didYouMean(need, registry.tasks.keys())}`)
  }
  const { onFailure } = task
  if (onFailure === task.name) problems.push(`${name}: "onFailure" names the task itself`)
  // The same text for every task, because it may be the default of all: it is reported once.
  if (onFailure !== undefined && !registry.tasks.has(onFailure)) {
    const hint = didYouMean(onFailure, registry.tasks.keys())
    problems.push(`"onFailure" names ${JSON.stringify(onFailure)}, which is no task${hint}`)
  }
  return problems
}

function aliasProblems(registry: Registry, commandNames: readonly string[]): string[] {
  const problems: string[] = []
  const owners = new Map<string, string>()
  for (const task of registry.tasks.values()) {
    for (const alias of task.aliases) {
      const label = `alias ${JSON.stringify(alias)} of ${JSON.stringify(task.name)}`
      const owner = owners.get(alias)
      problems.push(...nameProblems(alias, 'alias'))
      if (commandNames.includes(alias)) problems.push(`the ${label} is the name of a command`)
      if (registry.tasks.has(alias)) problems.push(`the ${label} is the name of a task`)
      if (owner !== undefined) problems.push(`the ${label} is an alias of ${JSON.stringify(owner)} too`)
      owners.set(alias, task.name)
    }
  }
  return problems
}

/** Returns each cycle once, as `a -> b -> a`, starting with the task that is written first. */
function cycles(registry: Registry): string[] {
  const found: string[] = []
  const finished = new Set<string>()
  const path: string[] = []
  const visit = (name: string): void => {
    const start = path.indexOf(name)
    if (start >= 0) found.push(`the needs form a cycle: ${[...path.slice(start), name].join(' -> ')}`)
    if (start >= 0 || finished.has(name)) return
    path.push(name)
    for (const { task } of registry.tasks.get(name)?.needs ?? []) visit(task)
    path.pop()
    finished.add(name)
  }
  for (const name of registry.tasks.keys()) visit(name)
  return found
}

/** Lists each folder once. A file that is not listed, as with a link or another case of letters, is looked up by itself. */
function fileCheck(): (path: string) => boolean {
  const listed = new Map<string, ReadonlySet<string>>()
  return (path) => {
    const folder = dirname(path)
    const files = listed.get(folder) ?? filesIn(folder)
    listed.set(folder, files)
    return files.has(basename(path)) || (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)
  }
}

function filesIn(folder: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return new Set(entries.filter((entry) => entry.isFile()).map((entry) => entry.name))
  } catch {
    return new Set()
  }
}
