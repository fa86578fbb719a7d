/** `#wfg/tasks` on Node. */
import { load } from './prepared.mjs'

export const { defineTasks, folder, main } = await load('tasks/mod.ts')
