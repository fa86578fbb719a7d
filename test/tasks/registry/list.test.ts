import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../runtime/core/errors.ts'
import { timeText } from '../../../runtime/core/time_text.ts'
import { listRows, renderList, unregisteredScripts, withTimes } from '../../../runtime/tasks/registry/list.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { rejects } from '../../_assert.ts'
import { project } from '../../_cli.ts'
import { withFolder } from '../_folder.ts'

const list = suite('tasks/list')

const FILES = {
  'scripts/pending-actions.ts': '/** List the open actions that wait on someone. */\n\nexport default 1',
  'scripts/start-requests.ts': '// Start requests from a CSV file.\nlet a',
  'scripts/silent.ts': 'let a',
  'scripts/_shared.ts': '',
  'scripts/deep/other.ts': '',
}

function registryOf(url: string) {
  return defineTasks(url, {
    'pending-actions': { script: './scripts/pending-actions.ts', access: 'read', group: 'actions', aliases: ['pa'] },
    'start-requests': { script: './scripts/start-requests.ts' },
    nightly: { needs: ['start-requests', 'pending-actions'] },
    _hidden: { script: './scripts/silent.ts' },
  })
}

list('listRows() always has all members, null or empty where there is nothing', () =>
  withFolder(FILES, (_, url) => {
    assert.equal(listRows(registryOf(url)), [
      {
        name: 'pending-actions',
        summary: 'List the open actions that wait on someone.',
        group: 'actions',
        access: 'read',
        aliases: ['pa'],
        needs: [],
        file: 'scripts/pending-actions.ts',
        line: 3,
        isolated: null,
        schedule: null,
        next: null,
        onFailure: null,
      },
      {
        name: 'start-requests',
        summary: 'Start requests from a CSV file.',
        group: null,
        access: 'write',
        aliases: [],
        needs: [],
        file: 'scripts/start-requests.ts',
        line: 1,
        isolated: null,
        schedule: null,
        next: null,
        onFailure: null,
      },
      {
        name: 'nightly',
        summary: null,
        group: null,
        access: 'write',
        aliases: [],
        needs: ['start-requests', 'pending-actions'],
        file: null,
        line: null,
        isolated: null,
        schedule: null,
        next: null,
        onFailure: null,
      },
    ])
  }),
)

list("listRows() takes the entry's description before the script's comment", () =>
  withFolder(FILES, (_, url) => {
    const registry = defineTasks(url, { a: { script: 'scripts/pending-actions.ts', description: 'Mine.' } })
    assert.is(listRows(registry)[0]?.summary, 'Mine.')
    assert.is(listRows(registry)[0]?.line, 3)
  }),
)

list('listRows() suggests the nearest group when no task is in the one asked for', () =>
  withFolder(FILES, async (_, url) => {
    const registry = registryOf(url)
    assert.equal(
      listRows(registry, { group: 'actions' }).map((row) => row.name),
      ['pending-actions'],
    )
    await rejects(() => listRows(registry, { group: 'action' }), {
      instance: UsageError,
      message: 'Cannot list the group "action": no task is in it; did you mean "actions"?',
    })
    await rejects(() => listRows(registry, { group: 'zzz' }), { message: /there are "actions"$/ })
    await rejects(() => listRows(defineTasks(url, {}), { group: 'zzz' }), { message: /no task has a group$/ })
  }),
)

list('renderList() shows tasks without a group first, then each group', () =>
  withFolder(FILES, (_, url) => {
    assert.is(
      renderList(listRows(registryOf(url)), { columns: 80, unregistered: ['scripts/quick.ts'] }),
      [
        '  start-requests       write  Start requests from a CSV file.',
        '  nightly              write  Runs start-requests, pending-actions.',
        '',
        'actions',
        '  pending-actions, pa  read   List the open actions that wait on someone.',
        '',
        'Not in tasks.ts: scripts/quick.ts. `run <file>` runs them.',
        '',
      ].join('\n'),
    )
  }),
)

list('withTimes() adds the next time of a schedule, which the list shows in local time', () =>
  withFolder(FILES, async (_, url) => {
    const schedule = { cron: '30 7 * * 1', tz: 'Europe/Paris', missed: 'once' } as const
    const registry = defineTasks(url, {
      weekly: { script: './scripts/pending-actions.ts', schedule },
      never: { script: './scripts/silent.ts', isolated: true, schedule: { cron: '0 0 29 2 1' } },
      silent: { script: './scripts/silent.ts' },
    })
    const nowMs = Date.parse('2026-11-28T12:00:00Z')
    const rows = await withTimes(listRows(registry), nowMs)
    assert.equal(
      rows.map(({ schedule, next }) => [schedule, next]),
      [
        [schedule, '2026-11-30T06:30:00.000Z'],
        [{ cron: '0 0 29 2 1' }, '2027-02-01T00:00:00.000Z'],
        [null, null],
      ],
    )
    const next = timeText(new Date('2026-11-30T06:30:00Z'), nowMs)
    const text = renderList(rows, { columns: 200 })
    assert.match(text, `someone. (30 7 * * 1 Europe/Paris, next ${next})\n`)
    assert.match(text, '(isolated; 0 0 29 2 1 UTC, next 2027-')
  }),
)

list('renderList() fits the columns and wraps summaries under their column', () =>
  withFolder(FILES, (_, url) => {
    for (const columns of [80, 60, 40, 30]) {
      const lines = renderList(listRows(registryOf(url)), { columns }).split('\n')
      assert.ok(Math.max(...lines.map((line) => line.length)) <= columns, lines.join('\n'))
    }
    const lines = renderList(listRows(registryOf(url)), { columns: 60 }).split('\n')
    const first = lines.findIndex((line) => line.includes('pending-actions, pa'))
    assert.is(lines[first]?.indexOf('List'), lines[first + 1]?.search(/\S/))
  }),
)

list('renderList() says what to do when there are no tasks', () => {
  assert.match(renderList([], { columns: undefined }), /^There are no tasks yet: .*new <name>/)
})

list('renderList() makes control characters of a summary visible', () => {
  const row = {
    name: 'a',
    group: null,
    access: 'read',
    aliases: [],
    needs: [],
    file: 'a.ts',
    line: 1,
    isolated: null,
    schedule: null,
    next: null,
    onFailure: null,
  } as const
  assert.match(renderList([{ ...row, summary: 'a\u001b[31mb' }], { columns: 80 }), /a\\x1b\[31mb/)
})

list('renderList() uses colour only when it is told to', () => {
  const row = {
    name: 'a',
    group: 'g',
    access: 'read',
    aliases: [],
    needs: [],
    file: 'a.ts',
    line: 1,
    isolated: null,
    schedule: null,
    next: null,
    onFailure: null,
    summary: 's',
  } as const
  assert.not.match(renderList([row], { columns: 80 }), '\u001b')
  assert.match(renderList([row], { columns: 80, color: true }), '\u001b[1mg\u001b[22m')
})

list('unregisteredScripts() finds scripts below scripts/ that no entry names', () =>
  withFolder(FILES, (_, url) => {
    assert.equal(unregisteredScripts(registryOf(url)), ['scripts/deep/other.ts'])
    assert.equal(unregisteredScripts(defineTasks(url, {})), [
      'scripts/deep/other.ts',
      'scripts/pending-actions.ts',
      'scripts/silent.ts',
      'scripts/start-requests.ts',
    ])
  }),
)

list('unregisteredScripts() is empty when there is no folder scripts/', () =>
  withFolder({}, (_, url) => {
    assert.equal(unregisteredScripts(defineTasks(url, {})), [])
  }),
)

list('a header that cannot be read is listed with the reason, which is not in the JSON', async () => {
  const { run, cleanup } = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  empty: { script: './scripts/empty.ts' },
  unclosed: { script: './scripts/unclosed.ts' },
  described: { script: './scripts/empty.ts', description: 'Known.' },
  broken: { script: './scripts/broken.ts' },
})
await main(import.meta, tasks)`,
    'scripts/empty.ts': '',
    'scripts/unclosed.ts': '/** Never ends',
    'scripts/broken.ts': '// Says what it is.\nexport default defineScript({ run( {',
  })
  try {
    const { status, stdout } = await run(['list'])
    assert.is(status, 0)
    assert.match(stdout, /^ {2}empty +write {2}\(the file is empty\)$/m)
    assert.match(stdout, /^ {2}unclosed +write {2}\(the file begins with a comment that does not end\)$/m)
    assert.match(stdout, /^ {2}described +write {2}Known\.$/m)
    assert.match(stdout, /^ {2}broken +write {2}Says what it is\.$/m)
    const rows = JSON.parse((await run(['list', '--json'])).stdout)
    assert.equal(Object.keys(rows[0]), [
      'name',
      'summary',
      'group',
      'access',
      'aliases',
      'needs',
      'file',
      'line',
      'isolated',
      'schedule',
      'next',
      'onFailure',
    ])
  } finally {
    cleanup()
  }
})

list.run()
