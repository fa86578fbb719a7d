import { defineTasks, main } from '#wfg/tasks'

export const tasks = defineTasks(import.meta.url, {
  hello: { script: './scripts/hello.ts', access: 'read' },
  'pending-actions': { script: './scripts/pending-actions.ts', access: 'read', group: 'actions' },
})

await main(import.meta, tasks)
