/** Checks the cron expression and the time zone of a schedule. */
import { didYouMean } from '../../core/nearest.ts'
import { readCron } from './cron.ts'
import type { Task } from './registry.ts'

/** The mistakes in the task's schedule, each a sentence without a full stop. */
export function scheduleProblems({ name, schedule, script }: Task): string[] {
  if (!schedule) return []
  const { cron, tz = 'UTC', args } = schedule
  const label = `${JSON.stringify(name)}: the schedule's`
  const problems: string[] = []
  const read = readCron(cron)
  if (typeof read === 'string') problems.push(`${label} cron ${JSON.stringify(cron)} is not valid: ${read}`)
  if (!isZone(tz)) {
    const hint = didYouMean(tz, Intl.supportedValuesOf('timeZone'))
    problems.push(
      `${label} time zone ${JSON.stringify(tz)} does not exist; expected a name such as "Europe/Paris"${hint}`,
    )
  }
  if (script === undefined && args !== undefined) {
    problems.push(`${label} "args" have no effect: the task has no script of its own`)
  }
  return problems
}

// --- internal ---

/** Some runtimes take an offset such as +02:00, but cron and systemd know only names. */
function isZone(tz: string): boolean {
  if (!/^[A-Za-z]/.test(tz)) return false
  try {
    return Intl.DateTimeFormat('en', { timeZone: tz }) !== undefined
  } catch {
    return false
  }
}
