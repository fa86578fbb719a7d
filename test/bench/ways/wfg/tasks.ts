import { defineTasks, main } from '#wfg/tasks'

export const tasks = defineTasks(import.meta.url, {
  actions: { script: './scripts/actions.ts', access: 'read' },
  pages: { script: './scripts/pages.ts', access: 'read' },
  rows: { script: './scripts/rows.ts', access: 'read' },
  bulk: { script: './scripts/bulk.ts' },
})

await main(import.meta, tasks)
