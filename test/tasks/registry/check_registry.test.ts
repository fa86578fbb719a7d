import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../runtime/core/errors.ts'
import { checkRegistry } from '../../../runtime/tasks/registry/check_registry.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { rejects } from '../../_assert.ts'
import { LINKS, NO_LINKS } from '../../_links.ts'
import { notRun } from '../../_not_run.ts'
import { withFolder } from '../_folder.ts'

const check = suite('tasks/check_registry')

const COMMANDS = ['list', 'run', 'help']
const FILES = { 'scripts/a.ts': '', 'scripts/b.ts': '' }
const a = { script: './scripts/a.ts' }

/** Entries of one mistake, and what is said of it. */
const MISTAKES: readonly (readonly [what: string, entries: object, told: string])[] = [
  [
    'a script does not exist',
    { x: { script: './scripts/aa.ts' } },
    '"x": the script "scripts/aa.ts" does not exist; did you mean "a.ts"?',
  ],
  ['a script is a folder', { x: { script: './scripts' } }, '"x": the script "scripts" does not exist'],
  ['a name is a command', { list: a }, '"list" is the name of a command; the task needs another one'],
  ['an alias is a command', { x: { ...a, aliases: ['run'] } }, 'the alias "run" of "x" is the name of a command'],
  ['an alias is a task', { x: { ...a, aliases: ['y'] }, y: a }, 'the alias "y" of "x" is the name of a task'],
  [
    'two tasks have one alias',
    { x: { ...a, aliases: ['z'] }, y: { ...a, aliases: ['z'] } },
    'the alias "z" of "y" is an alias of "x" too',
  ],
  [
    'a need is unknown',
    { 'export-requests': a, x: { needs: ['export-request'] } },
    '"x" needs "export-request", which is no task; did you mean "export-requests"?',
  ],
  ['a task needs itself', { x: { needs: ['x'] } }, 'the needs form a cycle: x -> x'],
  [
    'needs go round',
    { x: { ...a, needs: ['y'] }, y: { ...a, needs: ['z'] }, z: { ...a, needs: ['x'] } },
    'the needs form a cycle: x -> y -> z -> x',
  ],
  [
    'a name is not kebab-case',
    { myTask: a },
    '"myTask" cannot be a name: it needs kebab-case, such as "export-requests" or "finance:export-requests"',
  ],
  [
    'a member is unknown',
    { x: { ...a, descripton: 'x' } },
    '"x" has the unknown member "descripton"; did you mean "description"?',
  ],
  ['access is another word', { x: { ...a, access: 'none' } }, `"x": "access" needs 'read' or 'write'`],
  [
    'aliases are a text',
    { x: { ...a, aliases: 'y' } },
    `"x": "aliases" needs a list of names such as ['export-requests']`,
  ],
  ['there is nothing to run', { x: { description: 'x' } }, '"x" needs a "script", or "needs", to run'],
  ['an entry is no object', { x: { needs: ['y'] }, y: 5 }, `"y" needs an object such as { script: './scripts/y.ts' }`],
  [
    'an entry that only reads needs one that writes',
    { x: { needs: ['y'], access: 'read' }, y: a },
    `"x" says access 'read' and needs a task that can write`,
  ],
  ['a schedule has no time', { x: { ...a, schedule: {} } }, `"x": "schedule" needs { cron: '0 2 * * *' }`],
  [
    'a schedule has another member',
    { x: { ...a, schedule: { cron: '0 2 * * *', timezone: 'UTC' } } },
    `"x": "schedule" needs { cron: '0 2 * * *' }`,
  ],
  [
    'a schedule has a time that never comes',
    { x: { ...a, schedule: { cron: '0 0 31 2 *' } } },
    `"x": the schedule's cron "0 0 31 2 *" is not valid`,
  ],
  ['a run may take no time', { x: { ...a, timeoutSeconds: 0 } }, `"x": "timeoutSeconds" needs a whole number`],
  ['a run may take a day', { x: { ...a, timeoutSeconds: 86_400 } }, `"x": "timeoutSeconds" needs a whole number`],
  ['a retry has no limit', { x: { ...a, retry: {} } }, `"x": "retry" needs { limit: a whole number from 1 to 100 }`],
  ['a retry waits for ever', { x: { ...a, retry: { limit: 1, delaySeconds: 1e9 } } }, `"x": "retry" needs`],
  ['a key is empty', { x: { ...a, concurrencyKey: ' ' } }, `"x": "concurrencyKey" needs a text`],
  ['onFailure is no name', { x: { ...a, onFailure: true } }, `"x": "onFailure" needs the name of a task`],
  [
    'onFailure names no task',
    { x: { ...a, onFailure: 'tel' }, y: { ...a, onFailure: 'tel' }, tell: a },
    `Cannot use the tasks of "tasks.ts": "onFailure" names "tel", which is no task; did you mean "tell"?`,
  ],
  ['onFailure names its own task', { x: { ...a, onFailure: 'x' } }, `"x": "onFailure" names the task itself`],
]

for (const [what, entries, told] of MISTAKES) {
  check(`checkRegistry() refuses when ${what}`, () =>
    withFolder(FILES, async (_, url) => {
      const error = await rejects(() => checkRegistry(defineTasks(url, entries as object), COMMANDS), {
        instance: UsageError,
      })
      assert.ok(error.message.startsWith('Cannot use the tasks of "tasks.ts":'), error.message)
      assert.ok(error.message.includes(told), error.message)
    }),
  )
}

check('checkRegistry() lists every mistake at once', () =>
  withFolder(FILES, async (_, url) => {
    const entries = { list: a, x: { script: './no.ts' }, y: { needs: ['nothing'] } }
    await rejects(() => checkRegistry(defineTasks(url, entries), COMMANDS), {
      message:
        'Cannot use the tasks of "tasks.ts":\n' +
        '  "list" is the name of a command; the task needs another one\n' +
        '  "x": the script "no.ts" does not exist\n' +
        '  "y" needs "nothing", which is no task',
    })
  }),
)

check('checkRegistry() accepts prefixes, hidden names, aliases, and needs in a diamond', () =>
  withFolder(FILES, async (_, url) => {
    await checkRegistry(
      defineTasks(url, {
        'finance:a': { ...a, aliases: ['fa', 'a:b'] },
        _hidden: { script: 'scripts/b.ts', description: undefined },
        left: { needs: ['finance:a'], schedule: { cron: '0 2 * * *' }, timeoutSeconds: 82_800, retry: { limit: 100 } },
        right: { needs: ['fa'] },
        top: { needs: ['left', 'right', '_hidden'] },
      }),
      COMMANDS,
    )
  }),
)

check('checkRegistry() takes a link to a script for one, and a link to nothing for none', () =>
  withFolder(FILES, async (folder, url) => {
    if (!LINKS.file) return notRun(NO_LINKS)
    symlinkSync(join(folder, 'scripts', 'a.ts'), join(folder, 'scripts', 'link.ts'))
    symlinkSync(join(folder, 'scripts', 'gone.ts'), join(folder, 'scripts', 'broken.ts'))
    await checkRegistry(defineTasks(url, { link: { script: './scripts/link.ts' } }), COMMANDS)
    await rejects(() => checkRegistry(defineTasks(url, { x: { script: './scripts/broken.ts' } }), COMMANDS), {
      message: /the script "scripts\/broken\.ts" does not exist/,
    })
  }),
)

check.run()
