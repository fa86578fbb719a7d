/** Coming runs as people read them: day by day, in local time. */
import { spanText } from '../../core/time_text.ts'
import { indent } from '../../core/wrap.ts'
import type { ComingRun } from './coming_runs.ts'

/**
 * @param keys the `concurrencyKey` of each task that has one
 * @param columns the width of a line
 */
export function scheduleLines(
  runs: readonly ComingRun[],
  keys: ReadonlyMap<string, string>,
  columns: number,
): string[] {
  const width = Math.min(NAME_WIDTH, Math.max(...runs.map(({ task }) => task.length)))
  const groups = new Map<string, ComingRun[]>()
  for (const run of runs) {
    const key = `${dateOf(run.localTime)} ${run.task}`
    const group = groups.get(key)
    if (group) group.push(run)
    else groups.set(key, [run])
  }
  const lines: string[] = []
  let shown = ''
  for (const run of runs) {
    const date = dateOf(run.localTime)
    const sameDay = (task: string) => groups.get(`${date} ${task}`) ?? []
    const isOften = (task: string) => sameDay(task).length >= OFTEN
    const group = isOften(run.task) ? sameDay(run.task) : [run]
    if (run !== group[0]) continue
    if (date !== shown) lines.push(...(shown ? [''] : []), dayText(date))
    shown = date
    const notes = [...timeNotes(group), ...overlapNotes(group, keys, isOften)]
    lines.push(...withNotes(`  ${timeOf(run.localTime)}  ${run.task.padEnd(width)}`, notes, columns))
  }
  return lines
}

// --- internal ---

/** So many runs of a task on a day share a line. */
const OFTEN = 5
const NAME_WIDTH = 28
const NAME_COLUMN = '  07:00  '.length

function timeNotes(group: readonly ComingRun[]): string[] {
  const { zone, localTime, zoneTime } = group[0]!
  const isSameDay = dateOf(zoneTime) === dateOf(localTime)
  const inZone = `${isSameDay ? '' : `${dayText(dateOf(zoneTime)).slice(0, 3)} `}${timeOf(zoneTime)} ${zone}`
  return [...(group.length > 1 ? [oftenText(group)] : []), ...(zoneTime === localTime ? [] : [`(${inZone})`])]
}

/** A task that runs often overlaps nearly everything, so only tasks of its key tell that. */
function overlapNotes(
  group: readonly ComingRun[],
  keys: ReadonlyMap<string, string>,
  isOften: (task: string) => boolean,
): string[] {
  const { task } = group[0]!
  const others = [...new Set(group.flatMap(({ overlaps }) => overlaps))]
  const isTurn = (other: string) => keys.has(task) && keys.get(other) === keys.get(task)
  const isTold = (other: string) => !isTurn(other) && (other === task || !(isOften(other) || isOften(task)))
  const note = (text: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${text} ${names.map((name) => (name === task ? 'itself' : name)).join(', ')}`]
  return [...note('overlaps', others.filter(isTold)), ...note('takes turns with', others.filter(isTurn))]
}

/** What does not fit goes below. */
function withNotes(start: string, notes: readonly string[], columns: number): string[] {
  const lines = [start]
  for (const note of notes) {
    const line = `${lines.at(-1)}  ${note}`
    if (line.length <= columns) lines[lines.length - 1] = line
    else lines.push(...indent(note, NAME_COLUMN, columns))
  }
  return lines.map((line) => line.trimEnd())
}

function oftenText(group: readonly ComingRun[]): string {
  const timesMs = group.map(({ time }) => Date.parse(time))
  const gapMs = timesMs[1]! - timesMs[0]!
  const isEven = timesMs.every((ms, index) => ms === timesMs[0]! + index * gapMs)
  return `${isEven ? `every ${spanText(gapMs / 1000)} ` : ''}until ${timeOf(group.at(-1)!.localTime)}, ${group.length} times`
}

/** Returns a date such as `Mon 30 Nov`. */
function dayText(date: string): string {
  const text = new Date(`${date}T00:00Z`).toUTCString()
  return `${text.slice(0, 3)} ${Number(text.slice(5, 7))} ${text.slice(8, 11)}`
}

function dateOf(time: string): string {
  return time.slice(0, 10)
}

function timeOf(time: string): string {
  return time.slice(11)
}
