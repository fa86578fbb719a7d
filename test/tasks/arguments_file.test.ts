import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { UsageError } from '../../runtime/errors.ts'
import { mergeArguments } from '../../runtime/tasks/arguments_file.ts'
import { readParameters } from '../../runtime/tasks/schema.ts'
import { hides, rejects } from '../_assert.ts'

const file = suite('tasks/arguments_file')

const parameters = readParameters(
  v.object({
    since: v.optional(v.date()),
    days: v.optional(v.array(v.date())),
    id: v.optional(v.bigint()),
    name: v.optional(v.nullable(v.string())),
    limit: v.optional(v.number()),
  }),
)

file('mergeArguments() lets flags win over the file', () => {
  assert.equal(mergeArguments(parameters, { name: 'a', limit: 5 }, { name: 'b' }), { name: 'b', limit: 5 })
})

file('mergeArguments() converts what JSON cannot hold, and nothing else', () => {
  const merged = mergeArguments(
    parameters,
    { since: '2026-11-01', days: ['2026-11-02'], id: '12345678901234567890', name: null, limit: '5' },
    {},
  )
  assert.equal(merged, {
    since: new Date('2026-11-01T00:00:00Z'),
    days: [new Date('2026-11-02T00:00:00Z')],
    id: 12345678901234567890n,
    name: null,
    limit: '5',
  })
  assert.equal(mergeArguments(parameters, { id: 5 }, {}), { id: 5n })
})

file('mergeArguments() names unknown and unusable members, and never a value', async () => {
  const error = await rejects(() => mergeArguments(parameters, { nam: 's3cret', since: 's3cret', id: 's3cret' }, {}), {
    instance: UsageError,
    message:
      'Cannot use the arguments file:\n' +
      '  "nam" is not one of the arguments; did you mean "name"?\n' +
      '  "since" needs a date such as 2026-11-01 or 2026-11-01T08:30:00Z\n' +
      '  "id" needs a whole number',
  })
  hides(error.message, 's3cret')
})

file('mergeArguments() lets unknown members pass when the schema is loose', () => {
  assert.equal(mergeArguments(parameters, { other: 1 }, {}, { loose: true }), { other: 1 })
})

file('mergeArguments() refuses a file that holds no object', async () => {
  for (const content of [null, [], 'x', 5]) {
    await rejects(() => mergeArguments(parameters, content, {}), { message: /needs to hold one JSON object/ })
  }
})

file.run()
