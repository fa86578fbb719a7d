/** The tasks that have a schedule, with the words that run them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../core/errors.ts'
import type { Host } from '../host/host.ts'
import { readSummary } from '../script/summary.ts'
import { DEFAULT_PROFILE, loadSettings } from '../settings/settings.ts'
import { startCommand } from '../tasks/arguments/start_command.ts'
import { type CronFields, portableCron, readCron } from '../tasks/registry/cron.ts'
import type { Schedule } from '../tasks/registry/entry.ts'
import type { Task } from '../tasks/registry/registry.ts'
import { forEachSchedule } from '../tasks/registry/schedule_arguments.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import { argumentWords } from './argument_words.ts'

export interface ScheduledTask
  extends Pick<Task, 'name' | 'timeoutSeconds' | 'retry' | 'concurrencyKey' | 'onFailure'> {
  /** One line. */
  readonly description: string
  /** See `portableCron()`. */
  readonly cron: string
  readonly fields: CronFields
  readonly tz: string
  readonly missed: 'skip' | 'once'
  /** The file of the result. */
  readonly out: string | undefined
  /** The flags of its script, then its positionals. */
  readonly args: readonly string[]
}

/** Where the tasks are, and what starts them. */
export interface Place {
  readonly runtime: Host['runtime']
  /** Folder of `tasks.ts`. */
  readonly directory: string
  /** The absolute path of the program, then its arguments, relative to the folder. */
  readonly program: readonly string[]
  readonly profile: string | undefined
  /** The profile in use on this computer, so that a job fails if its settings are lost, and does not use the sandbox. */
  readonly profileHere: string | undefined
  /** Flags of the tool for every run, except the profile. */
  readonly flags: readonly string[]
  readonly confirm: string | undefined
  /** The container image. */
  readonly image: string | undefined
  /** Milliseconds since 1970. */
  readonly nowMs: number
  /** The command that writes it, for the heading. */
  readonly command: string
}

export interface ExportedFile {
  readonly name: string
  readonly text: string
}

/** How long a run may take to end, before its engine kills it. */
export const GRACE_SECONDS = 60

/**
 * Checks every schedule against its script, so that mistakes are reported now and not every night.
 *
 * @throws {UsageError} `WFG_USAGE` if there is no schedule, or one that cannot run
 */
export async function scheduledTasks(call: CommandCall): Promise<ScheduledTask[]> {
  const scheduled = await forEachSchedule(call.registry, 'Cannot export the schedule', (task, schedule) =>
    scheduledTask(call, task, schedule),
  )
  if (scheduled.length > 0) return scheduled
  throw new UsageError(
    "Cannot export the schedule: no task has one; give an entry of tasks.ts schedule: { cron: '0 2 * * *', tz: 'Europe/Paris' }.",
  )
}

export function placeOf({ host, registry: { directory }, flags }: CommandCall, image: string | undefined): Place {
  return {
    runtime: host.runtime,
    directory,
    program: [host.execPath, ...startedBy(host.runtime, directory)],
    profile: flags.profile,
    // Read only if needed: errors in the settings here do not matter to what runs elsewhere.
    get profileHere() {
      return flags.profile ?? profileInUse(host, directory)
    },
    flags: (['yes', 'quiet', 'verbose', 'keep'] as const).flatMap((name) => (flags[name] ? `--${name}` : [])),
    confirm: flags.confirm,
    image,
    nowMs: host.nowMs(),
    command: `${startCommand(host)} export`,
  }
}

/**
 * Returns the arguments of the program.
 *
 * @param isElsewhere true if it runs where the settings are in the environment, without files of profiles
 */
export function wordsOf(task: ScheduledTask, place: Place, { isElsewhere = false } = {}): string[] {
  const { timeoutSeconds } = task
  const profile = isElsewhere ? undefined : place.profileHere
  const confirm = isElsewhere && place.confirm !== undefined ? DEFAULT_PROFILE : place.confirm
  return [
    task.name,
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(confirm === undefined ? [] : ['--confirm', confirm]),
    ...(timeoutSeconds === undefined ? [] : ['--timeout', String(timeoutSeconds)]),
    ...(isSame(task.out) ? ['--out', task.out!] : []),
    ...place.flags,
    ...task.args,
  ]
}

/** Returns a comment that names the settings of the entry that the engine does not support. */
export function notKept(task: ScheduledTask, { keepsMissed = false, keepsRetry = false } = {}): string[] {
  const lost = [
    ...(task.missed === 'once' && !keepsMissed ? ["missed: 'once'"] : []),
    ...(task.out === undefined || isSame(task.out) ? [] : ['out']),
    ...(task.retry && !keepsRetry ? ['retry'] : []),
    ...(task.concurrencyKey === undefined ? [] : ['concurrencyKey']),
    ...(task.onFailure === undefined ? [] : ['onFailure']),
  ]
  return lost.length === 0 ? [] : [`The engine does not support these settings of the entry: ${lost.join(', ')}.`]
}

// --- internal ---

/** True for a file that is the same each time. Only a worker knows the others. */
function isSame(out: string | undefined): boolean {
  return out !== undefined && !out.includes('{')
}

/** Undefined if nothing is configured. */
function profileInUse(host: Host, directory: string): string | undefined {
  const { profile, nothingConfigured, isBareCi } = loadSettings(host, directory)
  return nothingConfigured || isBareCi ? undefined : profile
}

async function scheduledTask({ host }: CommandCall, task: Task, schedule: Schedule): Promise<ScheduledTask> {
  const { name, timeoutSeconds, retry, concurrencyKey, onFailure } = task
  // The registry has been checked.
  const fields = readCron(schedule.cron) as CronFields
  return {
    name,
    description: descriptionOf(task),
    cron: portableCron(schedule.cron, fields),
    fields,
    tz: schedule.tz ?? 'UTC',
    missed: schedule.missed ?? 'skip',
    out: schedule.out,
    args: await argumentWords(host, task, schedule),
    timeoutSeconds,
    retry,
    concurrencyKey,
    onFailure,
  }
}

function descriptionOf({ name, description, script }: Task): string {
  const summary = description ?? (script === undefined ? '' : readSummary(script).summary)
  return (summary || `The task ${name}`).replaceAll(/\s+/g, ' ')
}

function startedBy(runtime: Host['runtime'], directory: string): string[] {
  if (runtime === 'deno') return ['run', '-A', 'tasks.ts']
  if (runtime === 'bun') return ['run', 'tasks.ts']
  const launchers = ['runtime/cli/wfg.mjs', 'node_modules/wfg-scripts/runtime/cli/wfg.mjs']
  const launcher = launchers.find((path) => existsSync(join(directory, path)))
  return launcher === undefined ? ['--import', 'tsx', 'tasks.ts'] : [launcher]
}
