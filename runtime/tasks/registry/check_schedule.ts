/** Whether a schedule names times that come, in a zone that there is. */
import { didYouMean } from '../../core/nearest.ts'
import { readCron } from './cron.ts'
import type { Task } from './registry.ts'

/** What is wrong with the schedule of the task, each as one sentence without its end. */
export function scheduleProblems({ name, schedule, script }: Task): string[] {
  if (!schedule) return []
  const { cron, tz = 'UTC', args } = schedule
  const label = `${JSON.stringify(name)}: the schedule's`
  const problems: string[] = []
  const read = readCron(cron)
  if (typeof read === 'string') problems.push(`${label} cron ${JSON.stringify(cron)} is none: ${read}`)
  if (!isZone(tz)) {
    const hint = didYouMean(tz, Intl.supportedValuesOf('timeZone'))
    problems.push(`${label} time zone ${JSON.stringify(tz)} is none; expected a name such as "Europe/Paris"${hint}`)
  }
  if (script === undefined && args !== undefined) {
    problems.push(`${label} "args" are for nothing: the task has no script of its own`)
  }
  return problems
}

// --- internal ---

/** An offset such as +02:00, which some runtimes take, is none: cron and systemd know names alone. */
function isZone(tz: string): boolean {
  if (!/^[A-Za-z]/.test(tz)) return false
  try {
    return Intl.DateTimeFormat('en', { timeZone: tz }) !== undefined
  } catch {
    return false
  }
}
