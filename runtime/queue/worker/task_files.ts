/** Whether what lies on this computer is what a job was queued with. */
import type { Registry, Task } from '../../tasks/registry/registry.ts'
import { hashOf, hashOfRegistry } from '../hash.ts'

export interface TaskFiles {
  /**
   * The task of a job with that hash, or a beginning of it, if this process may run it.
   *
   * @param hash as much of it as is known
   */
  taskFor(name: string, hash: string): Task | undefined
  /** `tasks.ts` is another one than this process read when it started, so it knows nothing that can be relied on. */
  isOutdated(): boolean
}

/** Scripts are read by each run anew, so they may change while a worker runs; `tasks.ts` may not. */
export function taskFilesOf(registry: Registry): TaskFiles {
  const atStart = hashOfRegistry(registry)
  return {
    taskFor(name, hash) {
      const task = registry.tasks.get(name)
      return task && hashOf(registry, task).startsWith(hash) ? task : undefined
    },
    isOutdated: () => hashOfRegistry(registry) !== atStart,
  }
}
