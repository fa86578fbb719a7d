import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { argumentsSchema } from '../../../runtime/tasks/arguments/arguments_schema.ts'
import { project } from '../../_cli.ts'

const schema = suite('tasks/arguments_schema')

schema('argumentsSchema() describes an arguments file', async () => {
  const args = v.strictObject({
    name: v.pipe(v.string(), v.minLength(3), v.description('whose')),
    level: v.optional(v.picklist([1, 2]), 1),
    since: v.nullish(v.date()),
    big: v.bigint(),
    tags: v.array(
      v.pipe(
        v.string(),
        v.trim(),
        v.check((text) => text !== 'x'),
      ),
    ),
    until: v.optional(
      v.pipe(
        v.string(),
        v.isoDate(),
        v.transform((text) => new Date(text)),
      ),
    ),
  })
  assert.equal(await argumentsSchema(args, { title: 'a-task', description: 'Does it.' }), {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'a-task',
    description: 'Does it.',
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 3, description: 'whose' },
      level: { enum: [1, 2], default: 1, type: 'number' },
      since: { anyOf: [{ type: 'string', anyOf: [{ format: 'date' }, { format: 'date-time' }] }, { type: 'null' }] },
      big: { type: 'integer' },
      tags: { type: 'array', items: { type: 'string' } },
      until: { type: 'string', format: 'date' },
    },
    required: ['name', 'big', 'tags'],
    additionalProperties: false,
  })
})

schema('argumentsSchema() of a script without arguments allows none', async () => {
  assert.equal(await argumentsSchema(undefined, { title: 'x' }), {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {},
    additionalProperties: false,
    title: 'x',
  })
})

schema('help --json prints it for tasks only, without output of the script', async () => {
  const { run, cleanup } = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, { one: { script: './scripts/one.ts', access: 'read' } })
await main(import.meta, tasks)`,
    'scripts/one.ts': `// One of them.
import * as v from 'valibot'
import { defineScript } from '#wfg'
console.log('at the top')
export default defineScript({ args: v.object({ count: v.number() }), run: () => {} })`,
  })
  try {
    const { status, stdout } = await run(['help', 'one', '--json'])
    assert.is(status, 0)
    const { title, description, required } = JSON.parse(stdout)
    assert.equal([title, description, required], ['one', 'One of them.', ['count']])
    for (const args of [
      ['help', '--json'],
      ['help', 'list', '--json'],
      ['help', 'one', '--jsn'],
    ]) {
      assert.is((await run(args)).status, 2)
    }
  } finally {
    cleanup()
  }
})

schema.run()
