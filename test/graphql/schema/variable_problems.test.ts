import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Variables } from '../../../runtime/graphql/client/options.ts'
import { variableProblems } from '../../../runtime/graphql/schema/variable_problems.ts'
import { hides } from '../../_assert.ts'
import { asked, SCHEMA } from '../_schema.ts'

const fit = suite('graphql/schema/variable_problems')

const CREATE = `mutation Create($input: CreateInput!, $state: State = OPEN, $at: DateTime, $files: [Upload!], $n: Int! = 1) {
  create(input: $input, state: $state, at: $at, files: $files) { tags } remove(number: $n)
}`

function problemsOf(variables: Variables): string[] {
  return variableProblems(SCHEMA, asked(CREATE).operation, variables)
}

/** Variables that a server accepts. */
const FITTING: readonly (readonly [string, Variables])[] = [
  ['the least', { input: { name: 'a' } }],
  [
    'everything',
    {
      input: { name: 'a', items: [{ number: 1 }, { number: 2, size: 3 }], state: 'OPEN', pick: { id: 7 } },
      state: 'CLOSED',
      at: '2026-01-02T03:04:05Z',
      files: [new File(['a'], 'a.txt')],
      n: 2,
    },
  ],
  ['one value for a list', { input: { name: 'a', items: { number: 1 } }, files: new File(['a'], 'a.txt') }],
  ['null and undefined for nullable fields', { input: { name: 'a', items: null, state: undefined }, at: undefined }],
  ['a Date', { input: { name: 'a' }, at: new Date(0) }],
  ['variables that are not declared', { input: { name: 'a' }, more: 1 }],
]
for (const [title, variables] of FITTING) {
  fit(`variableProblems() accepts ${title}`, () => {
    assert.equal(problemsOf(variables), [])
  })
}

fit('variableProblems() reports path and type, without values', () => {
  const problems = problemsOf({
    input: {
      nme: 'hidden-1',
      items: [{ number: 'hidden-2' }, { size: null, number: 1.5 }, 'hidden-3'],
      state: 'hidden-4',
    },
    state: 'hidden-5',
    at: 'hidden-6',
    files: ['hidden-7'],
    n: null,
  })
  const at = problems.find((each) => each.startsWith('$at'))!
  assert.equal(problems, [
    '$input: Field "name" of required type "String!" was not provided.',
    '$input.items[0].number (Int) needs a whole number from -2147483648 to 2147483647, and was given a text',
    '$input.items[1].number (Int) needs a whole number from -2147483648 to 2147483647, and was given a number with a fraction',
    '$input.items[1].size: Expected non-nullable type "Int!" not to be null.',
    '$input.items[2]: Expected type "ItemInput" to be an object.',
    '$input.state (State) needs one of OPEN, CLOSED, and was given a text',
    '$input: Field "nme" is not defined by type "CreateInput". Did you mean "name"?',
    '$state (State) needs one of OPEN, CLOSED, and was given a text',
    at,
    '$files[0] (Upload) needs a file, and was given a text',
    '$n: Expected non-nullable type "Int!" not to be null.',
  ])
  assert.match(at, /^\$at \(DateTime\) needs .*, and was given a text$/)
  hides(problems.join(), 'hidden')
  assert.equal(problemsOf({}), ['$input (CreateInput!) is required, and was not given'])
})

fit('variableProblems() requires exactly one field of a @oneOf input', () => {
  const told = '$input.pick: Exactly one key must be specified for OneOf type "PickInput".'
  for (const pick of [{}, { id: '1', name: 'a' }]) assert.equal(problemsOf({ input: { name: 'a', pick } }), [told])
  assert.equal(problemsOf({ input: { name: 'a', pick: { id: null } } }), [
    '$input.pick.id: Field "id" must be non-null.',
  ])
})

fit.run()
