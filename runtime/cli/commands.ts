/** The commands. Each is loaded when it is called. */
import type { CommandCall } from '../tasks/run/command_call.ts'
import type { CommandName } from './usages.ts'

export const commands: Readonly<Record<CommandName, () => Promise<{ run(call: CommandCall): Promise<void> }>>> = {
  list: () => import('./commands/list.ts'),
  run: () => import('./commands/run.ts'),
  help: () => import('./commands/help.ts'),
  sandbox: () => import('./commands/sandbox.ts'),
  doctor: () => import('./commands/doctor.ts'),
  query: () => import('./commands/query.ts'),
  init: () => import('./commands/init.ts'),
  token: () => import('./commands/token.ts'),
  runs: () => import('./commands/runs.ts'),
  schedule: () => import('./commands/queue/schedule.ts'),
  export: () => import('./commands/export.ts'),
  schema: () => import('./commands/schema.ts'),
  journal: () => import('./commands/journal.ts'),
  new: () => import('./commands/new.ts'),
  worker: () => import('./commands/queue/worker.ts'),
  enqueue: () => import('./commands/queue/enqueue.ts'),
  queue: () => import('./commands/queue/queue.ts'),
  completion: () => import('./commands/completion.ts'),
  version: () => import('./version.ts'),
}
