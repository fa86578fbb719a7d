/** Queues of the engine: one for each task and state of its files, so that a worker is only ever given jobs of its own files. */

/** What all queues of ours begin with; other code may have queues beside them. */
export const QUEUES = 'wfg.%'

export function queueName(task: string, hash: string): string {
  return `wfg.${task.replaceAll(':', '.')}.${hash.slice(0, 12)}`
}
