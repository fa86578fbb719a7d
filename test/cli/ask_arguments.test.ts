/** What a person at a terminal is asked when a task needs more than was typed; and nobody else is. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { answersTo } from '../../runtime/cli/ask_arguments.ts'
import { missingParameters, problemOfValue } from '../../runtime/tasks/arguments/check_arguments.ts'
import { readParameters } from '../../runtime/tasks/arguments/schema.ts'
import { type Project, project, TOOL } from '../_cli.ts'
import { notRun } from '../_not_run.ts'
import { type Answer, answering } from './_prompts.ts'
import { HAS_TERMINAL, NO_TERMINAL, onTerminal } from './_terminal.ts'

const asking = suite('cli/ask_arguments')

async function answered(entries: v.ObjectEntries, answers: readonly Answer[]): Promise<Record<string, unknown>> {
  const schema = v.object(entries)
  const missing = missingParameters(readParameters(schema), { values: {}, refused: new Set() })
  const prompts = answering(answers)
  const problemOf = (parameter: (typeof missing)[number], value: unknown) => problemOfValue(schema, parameter, value)
  const values = await answersTo(prompts, { missing, problemOf })
  prompts.done()
  return values
}

asking('a text, a number and a date are read, or refused with what is expected', async () => {
  const values = await answered(
    {
      name: v.pipe(v.string(), v.minLength(3), v.description('whose it is')),
      count: v.pipe(v.number(), v.maxValue(9)),
      since: v.date(),
      other: v.optional(v.string()),
    },
    [
      ['whose it is', 'ab', { refused: /^needs at least 3 characters$/ }, 'abc'],
      ['count', 'many', { refused: /^needs a number$/ }, '10', { refused: /^needs to be at most 9$/ }, '5'],
      ['since', '2026-02-30', { refused: /^needs a date such as/ }, '2026-02-28'],
    ],
  )
  assert.equal(values, { name: 'abc', count: 5, since: new Date('2026-02-28') })
})

asking('a choice is a menu, a switch a question, and a list has commas', async () => {
  const values = await answered(
    {
      level: v.picklist([1, 2]),
      open: v.boolean(),
      tags: v.array(v.string()),
      days: v.array(v.pipe(v.number(), v.integer())),
    },
    [
      ['level', '2'],
      ['open', true],
      ['tags (separate', 'a, b'],
      ['days (separate', '1,x', { refused: /^needs a number$/ }, '', { refused: /^it is required$/ }, '1, 2'],
    ],
  )
  assert.equal(values, { level: 2, open: true, tags: ['a', 'b'], days: [1, 2] })
})

let office: Project
asking.before(() => {
  office = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  greet: { script: './scripts/greet.ts', access: 'read', group: 'people' },
  other: { script: './scripts/other.ts', access: 'read' },
  all: { needs: ['greet'] },
  hidden: { script: './scripts/hidden.ts', access: 'read' },
})
await main(import.meta, tasks)`,
    'scripts/greet.ts': `// Greet somebody.
import * as v from 'valibot'
import { defineScript } from '#wfg'
export default defineScript({
  args: v.object({
    name: v.pipe(v.string(), v.description('Who is greeted')),
    tone: v.picklist(['kind', 'short']),
    times: v.optional(v.number(), 1),
  }),
  run: ({ args }) => [args],
})`,
    'scripts/hidden.ts': `import * as v from 'valibot'
import { defineScript } from '#wfg'
export default defineScript({
  args: v.object({ key: v.pipe(v.string(), v.metadata({ secret: true })), again: v.optional(v.string()) }),
  run: ({ args }) => [{ length: args.key.length, text: "it is " + args.key }],
})`,
    'scripts/other.ts': `import { defineScript } from '#wfg'
export default defineScript({ run: () => 'other ran' })`,
  })
})
asking.after(() => office.cleanup())

asking('at a terminal missing arguments are asked for, and the same command line is shown', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir } = office
  const { status, text, typed } = await onTerminal(dir, ['greet', '--times', '2', '--format', 'ndjson'], {
    columns: 100,
    answers: [
      [/Who is greeted/, 'Ann Lee\r'],
      [/tone/, '\u001b[B\r'],
    ],
  })
  assert.equal([typed, status], [2, 0], text)
  assert.ok(text.includes(`The same again: ${TOOL} greet --times 2 --name "Ann Lee" --tone short\n`), text)
  assert.match(text, /\{"name":"Ann Lee","tone":"short","times":2\}\n$/)
})

asking('a secret is typed unseen, and shown nowhere', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir } = office
  const { status, text, typed } = await onTerminal(dir, ['hidden', '--format', 'ndjson'], {
    columns: 100,
    answers: [[/key/, 'not-for-any-eye\r']],
  })
  assert.equal([typed, status], [1, 0], text)
  assert.not.match(text, 'not-for-any-eye')
  assert.ok(text.includes(`The same again: ${TOOL} hidden --key "[secret]"\n`), text)
  assert.match(text, /\{"length":15,"text":"it is \[redacted\]"\}\n$/)
})

asking('run without a name searches the list of tasks, then asks', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir } = office
  const other = await onTerminal(dir, ['run'], { columns: 100, answers: [[/Which task\?/, 'oth\r']] })
  assert.equal([other.typed, other.status], [1, 0], other.text)
  assert.ok(other.text.includes(`The same again: ${TOOL} other\n`), other.text)
  assert.match(other.text, /other ran\n$/)
  const left = await onTerminal(dir, ['run'], { columns: 100, answers: [[/Which task\?/, '\u0003']] })
  assert.is(left.status, 130, left.text)
})

asking('nothing is asked in a pipe, in a CI, or for a needed task: the line to type is shown', async () => {
  const { dir, run } = office
  const piped = await run(['greet', '--tone', 'kind'])
  assert.is(piped.status, 2)
  assert.is(
    piped.stderr,
    `error: Cannot use these arguments: needs --name (Who is greeted), such as: --name NAME\nFor example: ${TOOL} greet --name NAME --tone kind\n`,
  )
  assert.match((await run(['run'])).stderr, /^error: Cannot run: no task/)
  const needed = await run(['all'])
  assert.match(needed.stderr, /greet, which it needs, cannot be started/)
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  for (const args of [['greet'], ['run'], ['all']]) {
    const { status, text } = await onTerminal(dir, args, { env: { CI: 'true' } })
    assert.is(status, 2, text)
  }
  const neededThere = await onTerminal(dir, ['all'])
  assert.is(neededThere.status, 2, neededThere.text)
})

asking.run()
