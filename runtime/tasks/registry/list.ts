/** The rows of `list`: one for each task, read without importing a script. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import { visible } from '../../core/visible.ts'
import { indent, renderTerms } from '../../core/wrap.ts'
import { readSummary } from '../../script/summary.ts'
import type { Access, Schedule } from './entry.ts'
import { isScriptName } from './folder.ts'
import type { Grants } from './grants.ts'
import type { Registry, Task } from './registry.ts'

/** What `list --json` prints. All members are always present; empty ones are null or []. */
export interface ListRow {
  readonly name: string
  readonly summary: string | null
  readonly group: string | null
  readonly access: Access
  readonly aliases: readonly string[]
  readonly needs: readonly string[]
  /** Relative to the folder of `tasks.ts`, with forward slashes. */
  readonly file: string | null
  readonly line: number | null
  /** Null for a script that is not isolated. */
  readonly isolated: Omit<Grants, 'directory'> | null
  readonly schedule: Schedule | null
  /** ISO 8601, UTC. Null without a schedule. */
  readonly next: string | null
  readonly onFailure: string | null
}

/** A row with what only the list for people shows. */
export interface ListedTask extends ListRow {
  /** Why the script's first comment could not be read. */
  readonly problem?: string
  /** The schedule with its next time. */
  readonly scheduled?: string
}

/**
 * The tasks that are not hidden, in the registry's order.
 *
 * @throws {UsageError} if no task has that group
 */
export function listRows(registry: Registry, { group }: { group?: string | undefined } = {}): ListedTask[] {
  const tasks = [...registry.tasks.values()].filter((task) => !task.hidden)
  if (group === undefined) return tasks.map(rowOf)
  const groups = new Set(tasks.flatMap((task) => task.group ?? []))
  if (!groups.has(group)) {
    const known =
      groups.size === 0
        ? '; no task has a group'
        : didYouMean(group, groups) || `; there are ${[...groups].map((name) => JSON.stringify(name)).join(', ')}`
    throw new UsageError(`Cannot list the group ${JSON.stringify(group)}: no task is in it${known}`)
  }
  return tasks.filter((task) => task.group === group).map(rowOf)
}

export interface ListLayout {
  /** Width in columns. Default 80. */
  readonly columns: number | undefined
  readonly color?: boolean
  /** Scripts without a task. They are named at the end. */
  readonly unregistered?: readonly string[]
}

/** Adds the next times. They need a library, which a list without schedules does not load. */
export async function withTimes(rows: readonly ListedTask[], nowMs: number): Promise<ListedTask[]> {
  if (rows.every(({ schedule }) => !schedule)) return [...rows]
  const { nextTime, scheduleText } = await import('./next_time.ts')
  return rows.map((row) => {
    if (!row.schedule) return row
    const next = nextTime(row.schedule, new Date(nowMs))?.toISOString() ?? null
    return { ...row, next, scheduled: scheduleText(row.schedule, nowMs) }
  })
}

/** Renders the rows for people: tasks without a group first, then each group under its heading. */
export function renderList(
  rows: readonly ListedTask[],
  { columns = 80, color = false, unregistered = [] }: ListLayout,
): string {
  const heading = (text: string) => (color ? `\u001b[1m${text}\u001b[22m` : text)
  const width = Math.min(NAME_WIDTH, Math.max(0, ...rows.map((row) => namesOf(row).length)))
  const blocks = groupsOf(rows).map(([group, members]) => {
    const terms = members.map((row): [string, string] => [termOf(row, width), summaryOf(row)])
    const lines = renderTerms(terms, { columns, maxTerm: width + ACCESS_WIDTH })
    return [...(group === null ? [] : [heading(visible(group))]), ...lines].join('\n')
  })
  if (rows.length === 0) blocks.push('There are no tasks yet: `new <name>` makes the first one.')
  if (unregistered.length > 0) blocks.push(indent(notRegistered(unregistered), 0, columns).join('\n'))
  return `${blocks.join('\n\n')}\n`
}

/** The scripts below `scripts/` that no entry names, relative to the folder of `tasks.ts`, sorted by name. */
export function unregisteredScripts(registry: Registry): string[] {
  const registered = new Set([...registry.tasks.values()].flatMap((task) => task.file ?? []))
  return scriptsBelow(registry.directory, 'scripts').filter((file) => !registered.has(file))
}

// --- internal ---

function rowOf(task: Task): ListedTask {
  const read = task.script === undefined ? undefined : readSummary(task.script)
  return {
    name: task.name,
    summary: (task.description ?? read?.summary) || null,
    group: task.group ?? null,
    access: task.access,
    aliases: task.aliases,
    needs: task.needs.map((need) => need.task),
    file: task.file ?? null,
    line: read?.line ?? null,
    isolated: shownGrants(task),
    schedule: task.schedule ?? null,
    next: null,
    onFailure: task.onFailure ?? null,
    ...(read?.problem !== undefined && task.description === undefined ? { problem: read.problem } : {}),
  }
}

function shownGrants({ isolated }: Task): ListRow['isolated'] {
  if (!isolated) return null
  const { directory, ...shown } = isolated
  return shown
}

/** The summary of a longer name is on the next line, so that the other summaries stay where they are. */
const NAME_WIDTH = 28
const ACCESS_WIDTH = '  write'.length

function groupsOf(rows: readonly ListedTask[]): [group: string | null, members: ListedTask[]][] {
  const groups = new Map<string | null, ListedTask[]>([[null, []]])
  for (const row of rows) {
    const members = groups.get(row.group)
    if (members) members.push(row)
    else groups.set(row.group, [row])
  }
  return [...groups].filter(([, members]) => members.length > 0)
}

function namesOf(row: ListRow): string {
  return [row.name, ...row.aliases].join(', ')
}

function termOf(row: ListRow, width: number): string {
  return `${namesOf(row).padEnd(width)}  ${row.access.padEnd(5)}`
}

function summaryOf(row: ListedTask): string {
  if (row.problem !== undefined) return `(the file ${row.problem})`
  const summary =
    row.summary === null && row.file === null ? `Runs ${row.needs.join(', ')}.` : visible(row.summary ?? '')
  const notes = [row.isolated ? 'isolated' : [], row.scheduled ?? []].flat()
  return notes.length > 0 ? `${summary} (${notes.join('; ')})`.trim() : summary
}

function notRegistered(files: readonly string[]): string {
  const shown = files.slice(0, 5).map(visible).join(', ')
  const more = files.length > 5 ? ` and ${files.length - 5} more` : ''
  return `Not in tasks.ts: ${shown}${more}. \`run <file>\` runs them.`
}

function scriptsBelow(directory: string, folder: string): string[] {
  try {
    const entries = readdirSync(join(directory, folder), { withFileTypes: true })
    return entries
      .flatMap((entry) => {
        const path = `${folder}/${entry.name}`
        if (entry.isDirectory()) return /^[_.]|^node_modules$/.test(entry.name) ? [] : scriptsBelow(directory, path)
        return isScriptName(entry.name) ? [path] : []
      })
      .sort()
  } catch {
    return [] // no scripts folder, no scripts
  }
}
