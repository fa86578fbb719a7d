import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { mergeArguments } from '../../../runtime/tasks/arguments/arguments_file.ts'
import { readParameters } from '../../../runtime/tasks/arguments/schema.ts'
import { hides } from '../../_assert.ts'

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

const NOTHING = { values: {}, problems: [], refused: new Set<string>() }

file('mergeArguments() lets flags win over the file', () => {
  const merged = mergeArguments(parameters, { name: 'a', limit: 5 }, { ...NOTHING, values: { name: 'b' } })
  assert.equal(merged.values, { name: 'b', limit: 5 })
})

file('mergeArguments() converts only dates and large integers, which JSON does not have', () => {
  const merged = mergeArguments(
    parameters,
    { since: '2026-11-01', days: ['2026-11-02'], id: '12345678901234567890', name: null, limit: '5' },
    NOTHING,
  )
  assert.equal(merged.values, {
    since: new Date('2026-11-01T00:00:00Z'),
    days: [new Date('2026-11-02T00:00:00Z')],
    id: 12345678901234567890n,
    name: null,
    limit: '5',
  })
  assert.equal(mergeArguments(parameters, { id: 5 }, NOTHING).values, { id: 5n })
})

file('mergeArguments() reports unknown and unusable members with the mistakes in flags, and never a value', () => {
  const flags = { values: {}, problems: ['--limit needs a number'], refused: new Set(['limit']) }
  const { problems, refused } = mergeArguments(parameters, { nam: 's3cret', since: 's3cret', id: 's3cret' }, flags)
  assert.equal(problems, [
    '--limit needs a number',
    'in the arguments file, "nam" is not one of the arguments; did you mean "name"?',
    'in the arguments file, "since" needs a date such as 2026-11-01 or 2026-11-01T08:30:00Z',
    'in the arguments file, "id" needs a whole number',
  ])
  assert.equal([...refused], ['limit', 'since', 'id'])
  hides(problems.join('\n'), 's3cret')
})

file('mergeArguments() keeps unknown members if the schema is loose', () => {
  assert.equal(mergeArguments(parameters, { other: 1 }, NOTHING, { loose: true }).values, { other: 1 })
})

file('mergeArguments() refuses a file without an object', () => {
  for (const content of [null, [], 'x', 5]) {
    assert.match(mergeArguments(parameters, content, NOTHING).problems.join('\n'), /needs to hold one JSON object/)
  }
})

file.run()
