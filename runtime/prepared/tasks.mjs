/** `#wfg/tasks`, in whichever form the runtime is. */
import { load } from './prepared.mjs'

export const { defineTasks, folder, main } = await load('tasks/mod.ts')
