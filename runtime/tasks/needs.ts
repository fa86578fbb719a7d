/** A task with what it needs: each once, one after another. */
import { exitCodeOf } from './failure.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Registry, Task } from './registry.ts'
import { runScript } from './run.ts'
import type { Session } from './session.ts'
import type { ToolFlags } from './tool_flags.ts'

/** The task's needs, those of its needs first, each once; the task itself is last. */
export function inOrder(registry: Registry, task: Task): Task[] {
  const ordered = new Set<Task>()
  const visit = (each: Task): void => {
    for (const name of each.needs) {
      const needed = registry.find(name)
      if (needed && !ordered.has(needed)) visit(needed)
    }
    ordered.add(each)
  }
  visit(task)
  return [...ordered]
}

/** Runs the task after what it needs. Only its own result is shown; of the others, one line each on standard error. */
export async function runTask(
  session: Session,
  registry: Registry,
  task: Task,
  argv: readonly string[],
  flags: ToolFlags,
  lifecycle: Lifecycle,
): Promise<void> {
  for (const each of inOrder(registry, task)) {
    const isNamed = each === task
    if (each.script === undefined) continue
    lifecycle.subject = subjectOf(each.name)
    const run = { name: each.name, file: each.script, access: each.access, argv: isNamed ? argv : [], flags, isNamed }
    const rows = await runScript(session, run, lifecycle).catch(async (error: unknown) => {
      if (!isNamed && exitCodeOf(error) < 124) {
        await session.host.stderr.write(`${task.name} was not run, because ${each.name}, which it needs, failed.\n`)
      }
      throw error
    })
    if (!isNamed && !flags.quiet) await session.host.stderr.write(`${each.name}: done${counted(rows)}\n`)
  }
}

export function subjectOf(name: string): string {
  return `The task ${JSON.stringify(name)}`
}

// --- internal ---

function counted(rows: number | undefined): string {
  if (rows === undefined) return ''
  return rows === 1 ? ', 1 row' : `, ${rows} rows`
}
