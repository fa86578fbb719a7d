/** What only a terminal sees: tables, colours, questions. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from '../_cli.ts'
import { notRun } from '../_not_run.ts'
import { scriptedServer } from '../_server.ts'
import { settingsFor, TOKEN } from './_configured.ts'
import { HAS_TERMINAL, NO_TERMINAL, onTerminal } from './_terminal.ts'

const terminal = suite('cli/terminal')

const COLOUR = '\u001b['
/** Where a person is asked something. */
const ASKED = /(\[y\/N\]|there:) $/

function office() {
  return project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  rows: { script: './scripts/rows.ts', access: 'read', group: 'all' },
  asks: { script: './scripts/asks.ts', access: 'read' },
  write: { script: './scripts/write.ts' },
  wide: { script: './scripts/wide.ts', access: 'read' },
  slow: { script: './scripts/slow.ts', access: 'read' },
})
await main(import.meta, tasks)`,
    'scripts/rows.ts': `// Some rows.
import { defineScript } from '#wfg'
export default defineScript({ async *run() { yield { number: 1, name: 'short' }; yield { number: 20, name: '${'long '.repeat(30)}' } } })`,
    'scripts/asks.ts': `import { defineScript } from '#wfg'
export default defineScript({ run: async ({ confirm }) => {
  try { return (await confirm('Really?')) ? 'yes' : 'no' } finally { console.log('cleaned') }
} })`,
    'scripts/slow.ts': `import { defineScript } from '#wfg'
export default defineScript({ run({ log, progress }) {
  progress(1, 1)
  log('a message')
  progress(0, 9)
  progress(9, 9)
  console.log('by console')
  return [{ a: 1 }]
} })`,
    'scripts/wide.ts': `import { defineScript } from '#wfg'
export default defineScript({ run: () => ({ user: 'john', server: 'https://${'x'.repeat(80)}/' }) })`,
    'scripts/write.ts': `import { defineScript } from '#wfg'
export default defineScript({ run: ({ wfg }) => wfg('mutation Delete { deleteAll }') })`,
  })
}

terminal('rows are a table there, that fits', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, cleanup } = office()
  try {
    const { status, screen } = await onTerminal(dir, ['rows'])
    assert.is(status, 0)
    const lines = stripVTControlCharacters(screen).trimEnd().split('\n')
    assert.match(lines.shift()!, /^warning: In this table cells of "name" that end in … are cut to fit 60 columns\./)
    assert.equal(lines.slice(0, 3), ['number  name', `──────  ${'─'.repeat(52)}`, '     1  short'])
    assert.match(lines[3]!, /^ {4}20 {2}(long )+.*…$/)
    assert.is(Math.max(...lines.map((line) => line.length)), 60)
    const { screen: piped } = await onTerminal(dir, ['rows', '--out', 'rows.ndjson'])
    assert.is(piped, '')
    assert.match(readFileSync(join(dir, 'rows.ndjson'), 'utf8'), /^\{"number":1,"name":"short"\}\n/)
  } finally {
    cleanup()
  }
})

terminal('what is said meanwhile takes the place of the progress, whose last state stays', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, cleanup } = office()
  try {
    const { screen } = await onTerminal(dir, ['slow'])
    const over = '\r\u001b[K'
    assert.is(
      screen.slice(screen.indexOf(over)),
      `${over}1 of 1${over}a message\n${over}9 of 9${over}by console\na\n─\n1\n${over}9 of 9\n`,
    )
  } finally {
    cleanup()
  }
})

terminal('Ctrl-C at a question ends it, and the script cleans up', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, cleanup } = office()
  try {
    const { status, text } = await onTerminal(dir, ['asks'], { answers: [[ASKED, '\u0003']] })
    assert.is(status, 130)
    assert.match(text, /Stopping\. Press Ctrl-C again to end at once\.\ncleaned\nInterrupted\.\n$/)
  } finally {
    cleanup()
  }
})

terminal('a single row wider than it is a line for each column', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, cleanup } = office()
  try {
    const { status, screen } = await onTerminal(dir, ['wide'])
    assert.equal([status, screen], [0, `user    john\nserver  https://${'x'.repeat(80)}/\n`])
  } finally {
    cleanup()
  }
})

terminal('the list has colours there, unless somebody wants none', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, cleanup } = office()
  try {
    assert.ok((await onTerminal(dir, ['list'])).screen.includes(COLOUR))
    for (const [args, env] of [
      [['list', '--no-color'], {}],
      [['list'], { NO_COLOR: '1' }],
    ] as const) {
      assert.not.ok((await onTerminal(dir, args, { env })).screen.includes(COLOUR))
    }
  } finally {
    cleanup()
  }
})

terminal('a person answers confirm()', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, cleanup } = office()
  try {
    const yes = await onTerminal(dir, ['asks'], { answers: [[ASKED, 'y\n']] })
    assert.equal([yes.status, /Really\? \[y\/N\] [\s\S]*\nyes\n$/.test(yes.screen)], [0, true], yes.screen)
    const no = await onTerminal(dir, ['asks'], { answers: [[ASKED, '\n']] })
    assert.equal([no.status, no.screen.endsWith('\nno\n')], [0, true], no.screen)
  } finally {
    cleanup()
  }
})

terminal('a person types the name of a protected profile', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, cleanup } = office()
  const server = await scriptedServer([TOKEN, { body: { data: { deleteAll: true } } }])
  try {
    const env = { ...settingsFor(server), WFG_PROTECTED: 'true' }
    const wrong = await onTerminal(dir, ['write'], { env, answers: [[ASKED, 'defualt\n']] })
    assert.is(wrong.status, 7)
    assert.match(
      wrong.screen,
      /The profile "default" is protected\. Type its name[\s\S]*and another name was given\. Nothing was sent\./,
    )
    assert.is(server.requests.length, 0)
    const right = await onTerminal(dir, ['write'], { env, answers: [[ASKED, 'default\n']] })
    assert.is(right.status, 0, right.screen)
    assert.is(server.requests.length, 2)
  } finally {
    await server.destroy()
    cleanup()
  }
})

terminal.run()
