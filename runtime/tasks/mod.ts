/**
 * `#wfg/tasks`: what `tasks.ts` is made of.
 *
 * @module
 */
export { main } from '../compose.ts'
export type { Access, Isolation, Retry, Schedule, TaskEntry } from './registry/entry.ts'
export { type FolderOptions, folder } from './registry/folder.ts'
export { defineTasks, type Registry, type Task, type TasksOptions } from './registry/registry.ts'
