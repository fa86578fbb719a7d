import { defineTasks, main } from '#wfg/tasks'

export const tasks = defineTasks(import.meta.url, {
  hello: { script: './scripts/hello.ts', access: 'read' },
  'who-am-i': { script: './scripts/who-am-i.ts', access: 'read' },
  nightly: {
    description: 'What runs every night',
    needs: [
      'who-am-i',
      { task: 'export-requests', out: '.wfg/requests.csv' },
      { task: 'overdue-report', args: { html: '.wfg/overdue.html' }, out: '.wfg/overdue.csv' },
    ],
  },
  'pending-actions': { script: './scripts/pending-actions.ts', access: 'read', group: 'actions' },
  'watch-actions': { script: './scripts/watch-actions.ts', access: 'read', group: 'actions' },
  'overdue-report': { script: './scripts/overdue-report.ts', access: 'read', group: 'actions' },
  'export-requests': { script: './scripts/export-requests.ts', access: 'read', group: 'requests' },
  'start-requests': { script: './scripts/start-requests.ts', aliases: ['sr'], group: 'requests' },
  'update-data': { script: './scripts/update-data.ts', group: 'requests' },
  'attach-file': { script: './scripts/attach-file.ts', group: 'requests' },
  'notify-webhook': { script: './scripts/notify-webhook.ts', access: 'read', group: 'worker' },
})

await main(import.meta, tasks)
