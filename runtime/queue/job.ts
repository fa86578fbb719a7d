/** Makes a job of a task and its arguments. Mistakes are reported now, not when the job runs. */
import * as v from 'valibot'
import { RefusedError, UsageError } from '../core/errors.ts'
import type { Host } from '../host/host.ts'
import { readScriptFile } from '../script/script_file.ts'
import { RULES } from '../settings/setting_rules.ts'
import { loadSettings } from '../settings/settings.ts'
import { parseArguments } from '../tasks/arguments/arguments.ts'
import { checkArguments } from '../tasks/arguments/check_arguments.ts'
import { readScriptArguments } from '../tasks/arguments/script_help.ts'
import type { Registry, Task } from '../tasks/registry/registry.ts'
import type { JobData, NewJob } from './store.ts'
import { type TaskFiles, taskFilesOf } from './task_files.ts'

/** What the person or the schedule that queues a job gives. */
export interface JobRequest {
  /** The arguments as on a command line. A flag wins over the file. */
  readonly argv?: readonly string[]
  readonly argsFile?: string | undefined
  /** The arguments as `tasks.ts` has them. */
  readonly args?: Readonly<Record<string, unknown>> | undefined
  readonly profile: ProfileOfJob
  /** The name of the protected profile whose use is confirmed. */
  readonly confirm: string | undefined
  /** Answers the script's questions with yes. */
  readonly yes: boolean
  readonly user: string
  /** Default: those of the registry, read anew. */
  readonly files?: Pick<TaskFiles, 'hashOf'>
  /** File for the result; see `JobData`. */
  readonly out?: string | undefined
}

/**
 * @param subject starts a message, such as `Cannot queue "export-requests"`
 * @throws {UsageError} for arguments that are invalid, secret, or read by nothing
 * @throws {RefusedError} for a task that can write with a protected profile that is not confirmed
 */
export async function newJob(
  host: Pick<Host, 'cwd' | 'hostname' | 'redactor' | 'redirectConsole' | 'stdin'>,
  registry: Registry,
  task: Task,
  { profile, confirm, yes, user, out, files = taskFilesOf(registry), ...given }: JobRequest,
  subject: string,
): Promise<NewJob> {
  const needsConfirmation = profile.isProtected && task.access === 'write'
  if (needsConfirmation && confirm !== profile.name) {
    const name = JSON.stringify(profile.name)
    throw new RefusedError(
      `${subject}: the task can write, the profile ${name} is protected, and ${confirm === undefined ? 'nobody confirmed it' : 'another name was given'}. ` +
        `Nothing was queued. Say --confirm ${profile.name} if it is meant for that server.`,
    )
  }
  const args = await argumentsOf(host, task, given, subject)
  const data: JobData = {
    v: 1,
    task: task.name,
    args,
    profile: profile.name,
    hash: files.hashOf(task),
    ...(needsConfirmation ? { confirmed: true } : {}),
    ...(yes ? { yes: true } : {}),
    ...(out === undefined ? {} : { out }),
    queuedBy: { host: host.hostname(), user },
    ...(task.onFailure === undefined ? {} : { onFailure: task.onFailure }),
  }
  return {
    task: task.name,
    hash: data.hash,
    data,
    retryLimit: task.retry?.limit ?? 0,
    retryDelaySeconds: task.retry?.delaySeconds ?? 0,
    expireInSeconds: task.timeoutSeconds === undefined ? LONGEST_SECONDS : task.timeoutSeconds + SPARE_SECONDS,
  }
}

export interface ProfileOfJob {
  readonly name: string
  /** If true, a task that can write needs the profile confirmed. */
  readonly isProtected: boolean
}

/**
 * Returns the profile that a job names, so that another process with another environment uses the same.
 *
 * @throws {ConfigError} `WFG_CONFIG` for an unknown profile or an unreadable file
 */
export function profileOfJob(
  host: Pick<Host, 'cwd' | 'env' | 'secrets'>,
  directory: string,
  chosen: string | undefined,
): ProfileOfJob {
  const { profile, settings } = loadSettings(host, directory, chosen)
  const parsed = v.safeParse(RULES.WFG_PROTECTED.schema, settings['WFG_PROTECTED']?.value.trim() || 'false')
  // A value that cannot be read may be meant to protect.
  return { name: profile, isProtected: !parsed.success || parsed.output === true }
}

// --- internal ---

/** The engine takes at most 24 hours. */
const LONGEST_SECONDS = 86_340
/** Lets the run's own time limit end it first. */
const SPARE_SECONDS = 120

/** Returns the arguments as given, because the run checks and converts them again. */
async function argumentsOf(
  host: Pick<Host, 'cwd' | 'redactor' | 'redirectConsole' | 'stdin'>,
  task: Task,
  { argv = [], argsFile, args }: Pick<JobRequest, 'argv' | 'argsFile' | 'args'>,
  subject: string,
): Promise<Record<string, unknown>> {
  const file = task.script === undefined ? undefined : readScriptFile(task.script)
  if (!file?.defines) {
    const what = file ? 'its script is a plain file, which has no schema' : 'it has no script of its own'
    if (argv.length > 0 || argsFile !== undefined || Object.keys(args ?? {}).length > 0) {
      throw new UsageError(
        `${subject} with arguments: ${what}, so nothing could check them${file ? '; make it a defineScript' : ''}.`,
      )
    }
    await checkArguments(undefined, parseArguments([], argv), [])
    return {}
  }
  const { parameters, given } = await readScriptArguments(host, file.path, task, { argv, argsFile, args })
  const secret = parameters.filter((each) => each.secret && Object.hasOwn(given.values, each.key))
  if (secret.length > 0) {
    const names = secret.map(({ key }) => JSON.stringify(key)).join(', ')
    throw new UsageError(
      `${subject}: ${names} ${secret.length === 1 ? 'is marked as a secret, which' : 'are marked as secrets, which'} no queue may keep; ` +
        'have the script read it from where it runs, such as a file or a setting of the worker.',
    )
  }
  return asJson(given.values)
}

function asJson(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(values, (_key, value) => (typeof value === 'bigint' ? String(value) : value)))
}
