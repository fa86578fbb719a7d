/** Runs queued and scheduled tasks until it is told to stop. */
import { randomUUID } from 'node:crypto'
import { RefusedError, UsageError } from '../../../core/errors.ts'
import type { Monitor } from '../../../queue/monitor/monitor.ts'
import type { Job } from '../../../queue/store.ts'
import type { Task } from '../../../tasks/registry/registry.ts'
import type { CommandCall } from '../../../tasks/run/command_call.ts'
import { commandArguments } from '../../command_arguments.ts'
import { USAGES } from '../../usages.ts'

export async function run(call: CommandCall): Promise<void> {
  const { host, registry, args, flags, lifecycle } = call
  const { values, positionals } = commandArguments('worker', args, {
    concurrency: { type: 'string' },
    grace: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string' },
    job: { type: 'boolean' },
  })
  // The process of one run; see `startRun()`.
  if (values['job']) return (await import('../../../queue/run/run_job.ts')).runJob(call)
  if (positionals.length > 0) {
    throw new UsageError(
      `Cannot start a worker: it runs all tasks and takes no names; expected ${USAGES.worker.usage}.`,
    )
  }
  const concurrency = wholeNumber('--concurrency', values['concurrency'], 1, 50) ?? 2
  const graceSeconds = wholeNumber('--grace', values['grace'], 0, 86_400) ?? 30
  const port = wholeNumber('--port', values['port'], 0, 65_535)
  const address = values['host'] as string | undefined
  if (address !== undefined && port === undefined) {
    throw new UsageError('Cannot start a worker: --host says where --port listens, so it needs --port as well.')
  }
  const { createWorkerLog } = await import('../../../queue/worker/worker_log.ts')
  const { LAST_MS, runWorker } = await import('../../../queue/worker/worker_loop.ts')
  const { checkFailureTasks, createFailureReports } = await import('../../../queue/worker/failure_reports.ts')
  const { createScheduler } = await import('../../../queue/worker/scheduler.ts')
  const { openQueue } = await import('../../../queue/open_queue.ts')
  const { refuseFlags } = await import('../../../queue/refused_flags.ts')
  const { scheduledTasks } = await import('../../../queue/worker/scheduled_tasks.ts')
  const { startProcess, startRun } = await import('../../../queue/run/child.ts')
  const { runCommand } = await import('../../../queue/run/run_command.ts')
  const { createSpare } = await import('../../../queue/run/spare.ts')
  const { taskFilesOf } = await import('../../../queue/task_files.ts')
  const { keepRuns } = await import('../../../queue/run/keep_runs.ts')
  const { keptFolder } = await import('../../../tasks/kept/kept_files.ts')
  const elsewhere = '`runs show ID --output` shows the result of a run'
  refuseFlags('worker', flags, {
    out: elsewhere,
    format: elsewhere,
    raw: elsewhere,
    keep: 'what its runs print is kept anyway',
    argsFile: 'a schedule has its own "args"',
    dryRun: 'its jobs would count as done without a change; `run <task> --dry-run` shows what a run would send',
  })
  const command = runCommand(host, registry.directory)
  if (!command) {
    throw new RefusedError(
      'Cannot start a worker: each of its runs is a process of its own, and Deno was started without --allow-run. Start it again with -A.',
    )
  }
  const log = createWorkerLog(host, { quiet: flags.quiet })
  // Read first, so that a later change is noticed.
  const files = taskFilesOf(registry)
  const scheduled = await scheduledTasks(call, files)
  await checkFailureTasks(call)
  const { store, place } = await openQueue(call, 'worker')
  let monitor: Monitor | undefined
  try {
    if (port !== undefined) {
      const { startMonitor } = await import('../../../queue/monitor/monitor.ts')
      const { signal } = lifecycle
      monitor = await startMonitor(host, log, { port, address, tasks: registry.tasks.keys(), files, signal })
    }
    const identity = { id: randomUUID(), hostname: host.hostname(), pid: host.pid }
    const scheduler = createScheduler(host, store, scheduled)
    const next = scheduler.next()
    log.info(
      `worker ${identity.hostname} (process ${identity.pid}): ${registry.tasks.size} tasks, ${scheduled.length} scheduled` +
        `${next ? `, next ${next.task} ${next.time.toISOString().slice(0, 16)}Z` : ''}; ${concurrency} at once; queue in ${place}`,
    )
    lifecycle.graceMs = graceSeconds * 1000 + LAST_MS
    const keep = keepRuns(host, store, keptFolder(host, registry.directory, flags.profile), log)
    const spare = createSpare(host, () => startProcess(host, command), files.hashOfRegistry, lifecycle.signal)
    const start = (job: Job, task: Task, leaseMs: number | undefined) =>
      startRun(host, spare.take(), job, {
        ...{ files: files.filesOf(task), timeoutSeconds: task.timeoutSeconds, leaseMs },
        prefix: flags.verbose ? `[${job.task} ${job.id.slice(0, 8)}] ` : undefined,
        keep: (mask) => keep(job, mask),
      })
    const reports = createFailureReports(call, store, log)
    await runWorker({
      ...{ host, store, identity, files, scheduler, reports, log, concurrency, start },
      ...monitor?.watch(store),
      get graceMs() {
        return Math.max(0, lifecycle.graceMs - LAST_MS)
      },
      signal: lifecycle.signal,
    })
  } finally {
    await monitor?.close()
    await store.close()
  }
}

// --- internal ---

function wholeNumber(flag: string, text: unknown, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(String(text)) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new UsageError(`Cannot start a worker: ${flag} needs a whole number from ${min} to ${max}.`)
}
