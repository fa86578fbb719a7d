/** Lists the jobs that wait, run or failed; retries or drops one. */
import { UsageError } from '../../../core/errors.ts'
import { nearest } from '../../../core/nearest.ts'
import { rowsOf, shortRowOf } from '../../../queue/job_rows.ts'
import { openQueue } from '../../../queue/open_queue.ts'
import type { JobState, JobStore } from '../../../queue/store.ts'
import { taskFilesOf } from '../../../queue/task_files.ts'
import { shortId } from '../../../tasks/history/run_id.ts'
import { isForPeople, writeRows } from '../../../tasks/output/write_rows.ts'
import type { CommandCall } from '../../../tasks/run/command_call.ts'
import { commandArguments } from '../../command_arguments.ts'
import { USAGES } from '../../usages.ts'

export async function run(call: CommandCall): Promise<void> {
  const { host, args, flags } = call
  const { values, positionals } = commandArguments('queue', args, { json: { type: 'boolean' } })
  const [word, id, ...more] = positionals
  const action = ACTIONS.find((each) => each === word)
  if (word !== undefined && !action) throw unfit(`it has no ${word}${hint(word)}`)
  if (action && (id === undefined || more.length > 0)) throw unfit(`${action} needs the id of one job`)
  if (action && values['json']) throw unfit(`--json does not go with ${action}`)
  const { store } = await openQueue(call, 'command')
  try {
    if (action) return await change(call, store, action, await findJob(store, id!))
    const format = values['json'] ? 'json' : flags.format
    const asked = { ...flags, ...(format ? { format } : {}) }
    const rows = rowsOf(await store.jobs(MAX_JOBS), taskFilesOf(call.registry))
    const shown = isForPeople(host, asked) ? rows.map((row) => shortRowOf(row, host.nowMs())) : rows
    await writeRows(host, shown, asked, call.lifecycle.signal)
    if (rows.length === MAX_JOBS && !flags.quiet)
      await host.stderr.write(`Only ${MAX_JOBS} jobs are shown. There may be older ones that wait.\n`)
  } finally {
    await store.close()
  }
}

// --- internal ---

const ACTIONS = ['retry', 'drop'] as const
type Action = (typeof ACTIONS)[number]

/** How many jobs are shown: more are slow to read, and nobody does. */
const MAX_JOBS = 1000
/** How many jobs are looked through for an id. */
const MAX_FOUND = 10_000

function unfit(problem: string): UsageError {
  return new UsageError(`Cannot run the command queue: ${problem}; expected ${USAGES.queue.usage}.`)
}

function hint(word: string): string {
  const meant = nearest(word, ACTIONS)
  return meant === undefined ? '' : ` (did you mean ${meant}?)`
}

/** @throws {UsageError} if no id starts with that, or several do */
async function findJob(store: JobStore, id: string): Promise<JobState> {
  const found = (await store.jobs(MAX_FOUND)).filter((job) => job.id.startsWith(id.toLowerCase()))
  if (found.length === 1) return found[0]!
  throw new UsageError(
    found.length === 0
      ? `Cannot find the job ${JSON.stringify(id)}: no job in the queue has an id that starts so; the command queue lists them.`
      : `Cannot tell which job ${JSON.stringify(id)} is: the ids of ${found.length} jobs start so; type more of it.`,
  )
}

async function change(
  { host, registry, flags }: CommandCall,
  store: JobStore,
  action: Action,
  job: JobState,
): Promise<void> {
  const name = `${job.task} ${shortId(job.id)}`
  const done = action === 'retry' ? await store.retry(job.id) : await store.drop(job.id)
  if (!done) {
    const wanted =
      action === 'retry' ? 'only a dead job can be retried' : 'a job that runs or is done cannot be dropped'
    throw new UsageError(`Cannot ${action} the job ${name}: it is ${job.state}, and ${wanted}.`)
  }
  await host.stdout.write(action === 'retry' ? `${name} waits again.\n` : `${name} is dropped.\n`)
  if (action === 'retry' && !flags.quiet && !taskFilesOf(registry).taskFor(job.task, job.hash)) {
    await host.stderr.write(
      `warning: its files have changed since it was queued, so it waits for a worker that still has the old ones. To run the current files, enqueue ${job.task} again.\n`,
    )
  }
}
