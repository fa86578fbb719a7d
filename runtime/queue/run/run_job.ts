/** Runs a job in a process of its own, which the worker has started. */
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import { quotedPath } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { attemptId } from '../../tasks/history/run_id.ts'
import { refuseForeignFolder } from '../../tasks/registry/own_folder.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { exitCodeOf, renderFailure } from '../../tasks/run/failure.ts'
import { runTarget, subjectOf } from '../../tasks/run/run.ts'
import type { Session } from '../../tasks/run/session.ts'
import { hashFiles } from '../hash_files.ts'
import { createLease, type Lease, RUN_LAST_MS } from '../worker/lease.ts'
import { type Assignment, reportLine, secretLines, type WorkerMessage } from './run_messages.ts'

/**
 * Runs the job that its worker sends, and reports how it went. Ends at once when the channel closes: its worker is
 * dead, and another one may get the job. A leased run also ends when its worker is silent for too long.
 */
export async function runJob(call: CommandCall): Promise<void> {
  const { host, registry, lifecycle } = call
  const atStart = hashFiles(registry.directory, [registry.file])
  // A script may end the process, and its last output must not be lost.
  host.writeAtOnce()
  let session: Session | undefined
  let isReported = false
  const end = (reason: Interruption, atOnce: boolean): void => {
    if (!isReported) lifecycle.end(reason, { atOnce })
    // The run is over. A timer or a server that it left open must not keep the worker's place.
    else host.after(LINGER_MS, () => host.exit(host.exitCode()), { holds: false })
  }
  const lease = createLease(host)
  const assigned = assignment(host, lease, end)
  // Loaded while this process waits for its job.
  await call.loadSession()
  const { job, mark, flags, files } = await assigned
  lifecycle.limit(flags.timeoutMs)
  const { id, data, attempt } = job
  host.redactor.onAdd((secret) => {
    for (const line of secretLines(mark, secret)) void host.stderr.writeAsIs(line)
  })
  const report = (exitCode: number, error?: unknown): void => {
    if (isReported) return
    isReported = true
    const text = error === undefined ? '' : host.redactor.text(renderFailure(error, lifecycle.subject))
    const told = text
      .replace(/^error: /, '')
      .trimEnd()
      .slice(0, MAX_ERROR_LENGTH)
    const user = session?.connected()?.user
    const line = reportLine(mark, {
      exitCode,
      ...(told === '' ? {} : { error: told }),
      ...(session ? { operations: Object.fromEntries(session.operations) } : {}),
      ...(user === undefined ? {} : { user }),
    })
    void host.stderr.writeAsIs(line)
  }
  host.onExit(report)
  lifecycle.ended = async (error) => report(error === undefined ? host.exitCode() : exitCodeOf(error), error)
  lifecycle.subject = subjectOf(data.task)
  refuseForeignFolder(host, registry.directory)
  const task = registry.find(data.task)
  const isChanged = hashFiles(registry.directory, [registry.file]) !== atStart
  if (!task || isChanged || hashFiles(registry.directory, files) !== data.hash) {
    throw new UsageError(
      `Cannot run the job of ${JSON.stringify(data.task)}: its files were changed while it was being started. Queue it again.`,
    )
  }
  session = await call.loadSession()
  // The worker has added the run to the database.
  session.shareRecord = undefined
  // A run that was frozen must send nothing after its lease has ended.
  session.beforeSending = () => {
    if (lease.leftMs() <= 0) throw SILENT
  }
  const args = Object.keys(data.args).length > 0 ? data.args : undefined
  const runId = attemptId(id, attempt)
  const out = data.out === undefined ? {} : { out: await outOf(registry.directory, data.out.replaceAll('{id}', runId)) }
  await runTarget({ ...call, flags: { ...flags, ...out } }, { task }, { name: task.name, argv: [], args, id: runId })
}

// --- internal ---

const LINGER_MS = 2000
const LOOK_MS = 250
/** The worker reads lines of up to 64 KiB. */
const MAX_ERROR_LENGTH = 9000

const SILENT = new Interruption('Interrupted: the worker was silent for too long, so another one takes over.', 143)

/**
 * Checks the path again, because whoever can write to the database could name any file. Makes its folder, because one in
 * `tasks.ts` is no typing mistake.
 */
async function outOf(directory: string, path: string): Promise<string> {
  const { outProblem } = await import('../../tasks/registry/schedule_out.ts')
  const problem = outProblem(directory, path)
  if (problem !== undefined) throw new UsageError(`Cannot write the result to ${quotedPath(path)}: ${problem}.`)
  const file = resolve(directory, path)
  mkdirSync(dirname(file), { recursive: true })
  return file
}

function assignment(
  host: Pick<Host, 'after' | 'onParentMessage'>,
  lease: Lease,
  end: (reason: Interruption, atOnce: boolean) => void,
): Promise<Assignment> {
  return new Promise((resolve) => {
    const onMessage = (message: Assignment | WorkerMessage): void => {
      if (message === 'stop') end(new Interruption('Interrupted: the worker was told to stop.', 143), false)
      else {
        if (message.leaseUntilMs !== undefined) lease.renew(message.leaseUntilMs)
        if (!('job' in message)) return
        if (message.leaseUntilMs !== undefined) watch(host, lease, (atOnce) => end(SILENT, atOnce))
        resolve(message)
      }
    }
    const onEnd = (): void => end(new Interruption('Interrupted: the worker is gone.', 143), true)
    host.onParentMessage((message) => onMessage(message as Assignment | WorkerMessage), onEnd)
  })
}

/** Checks the lease often: a single timer would stand still while the computer sleeps. */
function watch({ after }: Pick<Host, 'after'>, { leftMs }: Lease, onOver: (atOnce: boolean) => void): void {
  let isAsked = false
  const look = (): void => {
    const isLate = leftMs() <= -RUN_LAST_MS
    if (isLate || (leftMs() <= 0 && !isAsked)) {
      isAsked = true
      onOver(isLate)
    }
    if (!isLate) after(LOOK_MS, look, { holds: false })
  }
  look()
}
