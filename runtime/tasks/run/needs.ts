/** A task and what it needs, in the order in which they run. */
import type { Need } from '../registry/entry.ts'
import type { Registry, Task } from '../registry/registry.ts'

/** One run of a task: the named one, or one that it needs, with what `tasks.ts` gives that. */
export interface Step extends Omit<Need, 'task'> {
  readonly task: Task
}

/** What the task needs, and what that needs before it, each once. The task itself is last. */
export function inOrder(registry: Registry, task: Task): Step[] {
  const steps = new Map<string, Step>()
  const visit = (step: Step): void => {
    const key = JSON.stringify([step.task.name, sorted(step.args), step.out])
    if (steps.has(key)) return
    for (const { task: name, ...rest } of step.task.needs) {
      const needed = registry.find(name)
      if (needed) visit({ ...rest, task: needed })
    }
    steps.set(key, step)
  }
  visit({ task })
  return [...steps.values()]
}

// --- internal ---

/** The same arguments in another order are the same run. */
function sorted(args: Need['args'] = {}): [string, unknown][] {
  return Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))
}
