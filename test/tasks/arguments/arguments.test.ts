import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { withTypedValues } from '../../../runtime/core/typed_values.ts'
import { parseArguments } from '../../../runtime/tasks/arguments/arguments.ts'
import { readParameters } from '../../../runtime/tasks/arguments/schema.ts'
import { hides } from '../../_assert.ts'

const args = suite('tasks/arguments')

const parameters = readParameters(
  v.object({
    amount: v.optional(v.number()),
    tag: v.optional(v.array(v.string())),
    open: v.optional(v.boolean()),
    sinceDate: v.optional(v.date()),
    name: v.optional(v.string()),
    file: v.optional(v.string()),
    more: v.optional(v.array(v.number())),
  }),
  { positionals: ['file', 'more'] },
)
const flagsOnly = readParameters(v.object({ open: v.optional(v.boolean()), name: v.optional(v.string()) }))

const PARSED: readonly (readonly [argv: readonly string[], values: object])[] = [
  [[], {}],
  [['--name', 'x'], { name: 'x' }],
  [['--name=x=y'], { name: 'x=y' }],
  [['--name='], { name: '' }],
  [['--name=--x'], { name: '--x' }],
  [['--name', '-x-'], { name: '-x-' }],
  [['--name', '-'], { name: '-' }],
  [['--amount', '-5'], { amount: -5 }],
  [['--amount=-5'], { amount: -5 }],
  [['--tag', 'a', '--tag=b', '--tag', 'a'], { tag: ['a', 'b', 'a'] }],
  [['--open'], { open: true }],
  [['--no-open'], { open: false }],
  [['--open=false'], { open: false }],
  [['--open=true'], { open: true }],
  [['--since-date', '2026-11-01'], { sinceDate: new Date('2026-11-01T00:00:00Z') }],
  [['x', '--open', '1', '2'], { file: 'x', open: true, more: [1, 2] }],
  [['x', '-5', '-.5'], { file: 'x', more: [-5, -0.5] }],
  [['--open', '--', '--name', '7'], { open: true, file: '--name', more: [7] }],
  [['--file', 'x'], { file: 'x' }],
]

for (const [argv, values] of PARSED) {
  args(`parseArguments() reads ${JSON.stringify(argv)}`, () => {
    assert.equal(parseArguments(parameters, argv).values, values)
  })
}

const REFUSED: readonly (readonly [argv: readonly string[], told: string])[] = [
  [['--nam', 'x'], 'there is no flag --nam; did you mean --name?'],
  [['--sinceDate', '2026-11-01'], 'there is no flag --sinceDate; did you mean --since-date?'],
  [['--dry-rum'], 'there is no flag --dry-rum; did you mean --dry-run?'],
  [['--zzzzzzzz'], 'there is no flag --zzzzzzzz'],
  [['--name'], '--name needs a value; write one that begins with "--" as --name=VALUE'],
  [['--name', '--open'], '--name needs a value; write one that begins with "--" as --name=VALUE'],
  [['--open=maybe'], '--open needs true or false'],
  [['--no-open=true'], '--no-open takes no value'],
  [['--no-name'], 'there is no flag --no-name'],
  [['--amount', 'many'], '--amount needs a number'],
  [['--amount='], '--amount needs a number'],
  [['--since-date', '2026-02-30'], '--since-date needs a date such as 2026-11-01 or 2026-11-01T08:30:00Z'],
  [['--name', 'a', '--name', 'b'], '--name takes one value and is given more than once'],
  [['--open', '--no-open'], '--open takes one value and is given more than once'],
  [['x', '--file', 'y'], '<file> takes one value and is given more than once'],
  [['x', 'y'], '<more> needs a number'],
  [['-x'], 'it has no flags with one dash; write a value that begins with "-" after "--", or as --flag=VALUE'],
]

for (const [argv, told] of REFUSED) {
  args(`parseArguments() refuses ${JSON.stringify(argv)}`, () => {
    assert.equal(parseArguments(parameters, argv).problems, [told])
  })
}

const lettered = readParameters(
  v.object({
    since: v.optional(v.string()),
    open: v.optional(v.boolean()),
    tag: v.optional(v.array(v.string())),
    limit: v.optional(v.union([v.number(), v.literal('all')])),
  }),
  { short: { since: 's', open: 'o', tag: 't', limit: 'n' } },
)

for (const [argv, values] of [
  [['-s', 'x'], { since: 'x' }],
  [['-sx'], { since: 'x' }],
  [['-o'], { open: true }],
  [['-os', 'x'], { open: true, since: 'x' }],
  [['-t', 'a', '--tag', 'b'], { tag: ['a', 'b'] }],
  [['-s', '-1'], { since: '-1' }],
  [['-n', '5'], { limit: 5 }],
  [['-n', 'all'], { limit: 'all' }],
] as const) {
  args(`parseArguments() takes short flags: ${argv.join(' ')}`, () => {
    assert.equal(parseArguments(lettered, argv).values, values)
  })
}

args('parseArguments() reads the value after = of a short flag, and a second = is part of it', () => {
  assert.equal(parseArguments(lettered, ['-s=x', '-n=5']).values, { since: 'x', limit: 5 })
  assert.equal(parseArguments(lettered, ['-s==x']).values, { since: '=x' })
})

args('parseArguments() names the known short flags, and the values of a flag of mixed kinds', () => {
  const problem = (...argv: string[]) => parseArguments(lettered, argv).problems.join('\n')
  assert.match(problem('-x'), /its only flags with one dash are -s, -o, -t, -n; write a value/)
  assert.match(problem('-n', 'some'), /--limit needs number or all$/)
  assert.match(problem('-s'), /--since needs a value/)
})

args('parseArguments() refuses more positionals than there are places', () => {
  const one = readParameters(v.object({ file: v.string() }), { positionals: ['file'] })
  const problem = (from: typeof one, ...argv: string[]) => parseArguments(from, argv).problems.join('\n')
  const first = 'it takes flags only; the first argument too many is "[value of argument 1]"'
  assert.is(problem(flagsOnly, 'x'), first)
  assert.is(problem(flagsOnly, 'x', '--open', 'y'), first)
  const second = problem(one, 'x', 'second', 'third')
  assert.is(second, 'it takes <file> besides flags; the first argument too many is "[value of argument 2]"')
  assert.match(withTypedValues(second, ['x', 'second', 'third']), /the first argument too many is "second"$/)
})

args('parseArguments() reports every problem at once, and never a value', () => {
  const argv = ['--amount=s3cret-a', '--nme', 's3cret-b', '--open=s3cret-c', '-s3cretd', 's3cret-e', 's3cret-f']
  const { problems, refused } = parseArguments(parameters, argv)
  assert.is(new Set(problems).size, 5)
  hides(problems.join('\n'), 's3cret')
  assert.equal([...refused].sort(), ['amount', 'more', 'name', 'open'])
})

args.run()
