import { randomUUID } from 'node:crypto'
import { TransportError, UsageError } from '../../../core/errors.ts'
import { newJob, profileOfJob } from '../../../queue/job.ts'
import { openQueue } from '../../../queue/open_queue.ts'
import { refuseFlags } from '../../../queue/refused_flags.ts'
import type { NewJob } from '../../../queue/store.ts'
import { startCommand } from '../../../tasks/arguments/start_command.ts'
import { toJson } from '../../../tasks/output/json.ts'
import { findTask } from '../../../tasks/registry/registry.ts'
import type { CommandCall } from '../../../tasks/run/command_call.ts'
import { USAGES } from '../../usages.ts'

/** Checks the arguments of a task, queues it for a worker, and prints the id of the job. */
export async function run(call: CommandCall): Promise<void> {
  const { host, registry, args, flags } = call
  const [name, ...argv] = args
  if (name === undefined || name.startsWith('-')) {
    throw new UsageError(`Cannot queue anything: no task was named; expected ${USAGES.enqueue.usage}.`)
  }
  const elsewhere =
    '`runs show ID --output` shows the result of a queued run; for a file, queue an entry of tasks.ts whose needs name it, such as needs: [{ task, out }]'
  refuseFlags('enqueue', flags, {
    out: elsewhere,
    format: elsewhere,
    raw: elsewhere,
    keep: 'what a queued run prints is kept anyway',
    isolated: '"isolated" of its entry in tasks.ts says how a worker runs it',
    mutations: '"isolated" of its entry in tasks.ts has the limit',
    timeoutMs: '"timeoutSeconds" of its entry in tasks.ts says how long a run by a worker may take',
  })
  const task = findTask(registry, name, Object.keys(USAGES), startCommand(host))
  const request = {
    argv,
    argsFile: flags.argsFile,
    profile: profileOfJob(host, registry.directory, flags.profile),
    confirm: flags.confirm,
    yes: flags.yes ?? false,
    user: host.userName() ?? String(host.userId() ?? ''),
  }
  const job = await newJob(host, registry, task, request, `Cannot queue ${JSON.stringify(task.name)}`)
  if (flags.dryRun) {
    const { args, profile } = job.data
    const { timeoutSeconds, retry, concurrencyKey, onFailure } = task
    const shown = { task: task.name, args, profile, timeoutSeconds, retry, concurrencyKey, onFailure }
    await host.stdout.write(`${toJson(shown, 2)}\n`)
    await host.stderr.write('dry run: nothing was queued\n')
    return
  }
  // Chosen here, so that a second request does not queue a second job.
  const id = randomUUID()
  await queue(call, { ...job, id }).catch((error: unknown) => {
    if (!(error instanceof TransportError)) throw error
    return queue(call, { ...job, id })
  })
  await host.stdout.write(`${id}\n`)
  if (!flags.quiet) {
    await host.stderr.write(
      `Queued ${JSON.stringify(task.name)} for the profile ${JSON.stringify(request.profile.name)}.\n`,
    )
  }
}

// --- internal ---

/** Opens the queue anew each time, because another worker may have it by now. */
async function queue(call: CommandCall, job: NewJob): Promise<void> {
  const { store } = await openQueue(call, 'command')
  try {
    await store.enqueue(job)
  } finally {
    await store.close()
  }
}
