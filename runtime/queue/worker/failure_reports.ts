/** Queues the `onFailure` task of each dead job. Every worker does so, and each failure becomes one job. */
import { randomUUID } from 'node:crypto'
import { UsageError } from '../../core/errors.ts'
import { refuseProblems } from '../../core/problems.ts'
import { shortId } from '../../tasks/history/run_id.ts'
import type { Registry } from '../../tasks/registry/registry.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { newJob, profileOfJob } from '../job.ts'
import type { Failure, NewJob, Store } from '../store.ts'
import { fixedId } from './fixed_id.ts'
import type { WorkerLog } from './worker_log.ts'

export interface FailureReports {
  /** Call it every few seconds. Returns how many jobs it queued. */
  tick(): Promise<number>
}

type Call = Pick<CommandCall, 'host' | 'registry'>

/**
 * Reports mistakes at the start of a worker.
 *
 * @throws {UsageError} if an `onFailure` task does not take its arguments
 */
export async function checkFailureTasks({ host, registry }: Call): Promise<void> {
  const problems: string[] = []
  for (const name of failureTasks(registry)) {
    const example = { id: randomUUID(), task: name, attempt: 0, exitCode: 1, error: 'Error', hostname: host.hostname() }
    const anybody = { profile: { name: '', isProtected: false }, confirm: undefined, yes: false, user: '' }
    const request = { args: argumentsOf(example), ...anybody }
    try {
      await newJob(host, registry, registry.tasks.get(name)!, request, 'It cannot be queued')
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      problems.push(`${JSON.stringify(name)}: ${error.message}`)
    }
  }
  refuseProblems('Cannot use "onFailure"', problems)
}

export function createFailureReports(
  { host, registry }: Call,
  store: Pick<Store, 'enqueue' | 'told' | 'untold'>,
  log: Pick<WorkerLog, 'info' | 'problem'>,
): FailureReports {
  const names = failureTasks(registry)

  async function jobFor({ data, ...failure }: Failure): Promise<NewJob> {
    const request = {
      args: argumentsOf(failure),
      profile: profileOfJob(host, registry.directory, data.profile),
      confirm: data.confirmed ? data.profile : undefined,
      yes: data.yes ?? false,
      user: data.queuedBy.user,
    }
    const job = await newJob(host, registry, registry.tasks.get(failure.onFailure)!, request, 'It cannot be queued')
    // Nobody is told of its own failure.
    const { onFailure: _, ...own } = job.data
    return { ...job, data: own, id: fixedId(`wfg onFailure\n${failure.id}\n${failure.attempt}`) }
  }

  /** True if this worker queued the job. */
  async function report(failure: Failure): Promise<boolean> {
    const of = `onFailure of ${failure.task} ${shortId(failure.id)}`
    let job: NewJob
    try {
      job = await jobFor(failure)
    } catch (error) {
      const why = (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ')
      log.problem(`${of}: ${failure.onFailure} does not run: ${why}`)
      return false
    }
    const { id, isNew } = await store.enqueue(job)
    if (isNew) log.info(`${of}: queued ${job.task} ${shortId(id)}`)
    return isNew
  }

  return {
    async tick() {
      let queued = 0
      for (const failure of names.length === 0 ? [] : await store.untold(names)) {
        if (await report(failure)) queued += 1
        // Last: if this worker ends before it, the next one gets the same id and queues nothing more.
        await store.told(failure)
      }
      return queued
    },
  }
}

// --- internal ---

function failureTasks({ tasks }: Registry): string[] {
  return [...new Set([...tasks.values()].flatMap(({ onFailure }) => onFailure ?? []))]
}

function argumentsOf({ task, id, exitCode, error, attempt, hostname }: Omit<Failure, 'data' | 'onFailure'>) {
  return { task, id, exitCode, error, attempts: attempt + 1, host: hostname }
}
