import { UsageError } from '../../../core/errors.ts'
import { timeText } from '../../../core/time_text.ts'
import { comingRuns } from '../../../queue/schedule/coming_runs.ts'
import { scheduleLines } from '../../../queue/schedule/schedule_lines.ts'
import { chosenRuns, loadRuns } from '../../../runs/find_runs.ts'
import { isForPeople, writeRows } from '../../../tasks/output/write_rows.ts'
import { nextTime } from '../../../tasks/registry/next_time.ts'
import type { CommandCall } from '../../../tasks/run/command_call.ts'
import { commandArguments } from '../../command_arguments.ts'

/** Shows what the schedules run in the coming days. */
export async function run(call: CommandCall): Promise<void> {
  const { args, flags, host, lifecycle, registry } = call
  const { values } = commandArguments('schedule', args, { days: { type: 'string' }, json: { type: 'boolean' } }, 0)
  const days = String(values['days'] ?? 7)
  if (!/^([1-9]|[12]\d|3[01])$/.test(days)) {
    throw new UsageError('Cannot show the schedule: --days needs a whole number from 1 to 31.')
  }
  const asked = values['json'] ? { ...flags, format: 'json' as const } : flags
  const scheduled = [...registry.tasks.values()].filter(({ schedule }) => schedule)
  if (scheduled.length === 0 && !flags.quiet) await host.stderr.write(NO_SCHEDULE)
  const after = new Date(host.nowMs())
  const until = new Date(after)
  until.setHours(24 * (Number(days) + 1), 0, 0, 0)
  const runs = comingRuns(scheduled, { after, until, durationsMs: await durationsOf(call) })
  if (!isForPeople(host, asked)) return writeRows(host, runs, asked, lifecycle.signal)
  const keys = new Map(scheduled.flatMap(({ name, concurrencyKey: key }) => (key === undefined ? [] : [[name, key]])))
  const lines = scheduleLines(runs, keys, host.stdout.columns ?? 80)
  const later = scheduled.flatMap(({ name, schedule }) => {
    const next = runs.some(({ task }) => task === name) ? undefined : nextTime(schedule!, after)
    return next ? [`Later: ${name} ${timeText(next, after.getTime())}`] : []
  })
  await host.stdout.write([...lines, ...(lines.length > 0 && later.length > 0 ? [''] : []), ...later, ''].join('\n'))
}

// --- internal ---

const NO_SCHEDULE =
  "No task runs by itself: give an entry of tasks.ts a schedule, such as schedule: { cron: '0 2 * * *', tz: 'Europe/Paris' }.\n"
/** The newest runs of a task that tell how long it takes. */
const SAMPLE = 9

/** Returns the median duration of the last successful runs of each task on this computer. */
async function durationsOf({ host, registry, flags }: CommandCall): Promise<Map<string, number>> {
  const runs = await loadRuns({ host, registry, flags: { ...flags, quiet: true } }, undefined)
  const samples = new Map<string, number[]>()
  for (const { task, outcome, durationMs, dryRun } of chosenRuns(runs, registry, {}, false)) {
    if (task === undefined || outcome !== 'done' || durationMs === undefined || dryRun) continue
    samples.set(task, [...(samples.get(task) ?? []), durationMs].slice(0, SAMPLE))
  }
  return new Map([...samples].map(([task, ms]) => [task, ms.sort((a, b) => a - b)[ms.length >> 1]!]))
}
