/** The file that the result of a scheduled run goes to. */
import { resolve } from 'node:path'
import { quotedPath } from '../../core/visible.ts'
import { windowsNameProblem } from '../../host/windows_name.ts'
import { extensionProblem } from '../output/format.ts'
import type { Schedule } from './entry.ts'
import { coveredBy, isWithin } from './grant_problems.ts'
import type { Registry, Task } from './registry.ts'

/** The mistakes in the `out` of the task's schedule, each a sentence without a full stop. */
export function outProblems({ directory }: Pick<Registry, 'directory'>, { name, schedule, script }: Task): string[] {
  if (schedule?.out === undefined) return []
  const label = `${JSON.stringify(name)}: the schedule's "out" ${quotedPath(schedule.out)}`
  const unknown = schedule.out.match(/\{[^}]*\}?/g)?.find((word) => !WORDS.includes(word))
  if (unknown !== undefined) return [`${label} has the unknown ${unknown}; expected ${WORDS.join(', ')}`]
  if (script === undefined) return [`${label} has no effect: the task has no script of its own`]
  // The zone is checked by itself.
  const path = outAt({ out: schedule.out }, new Date(0)).replaceAll('{id}', '0')
  const problem = outProblem(directory, path)
  return problem === undefined ? [] : [`${label} cannot be written: ${problem}`]
}

/** Why no result may be written to the path. Undefined if it may. */
export function outProblem(directory: string, path: string): string | undefined {
  const problem = windowsNameProblem(path) ?? extensionProblem(path)
  if (problem !== undefined) return problem
  if (!isWithin(directory, resolve(directory, path))) return 'it is outside of the folder of tasks.ts'
  const covered = coveredBy(directory, path, 'write')
  return covered === undefined ? undefined : `it would replace ${covered}`
}

/** Returns the path of the run that is due at `time`, still with `{id}`. */
export function outAt({ out = '', tz = 'UTC' }: Pick<Schedule, 'out' | 'tz'>, time: Date): string {
  const parts = new Intl.DateTimeFormat('en', { ...FIELDS, timeZone: tz }).formatToParts(time)
  const [year, month, day, hour, minute] = (['year', 'month', 'day', 'hour', 'minute'] as const).map(
    (field) => parts.find(({ type }) => type === field)!.value,
  )
  // Without a colon, which Windows does not allow.
  return out.replaceAll('{date}', `${year}-${month}-${day}`).replaceAll('{time}', `${hour}${minute}`)
}

// --- internal ---

const WORDS = ['{date}', '{time}', '{id}']

const FIELDS: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
}
