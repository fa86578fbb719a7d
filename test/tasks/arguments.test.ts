import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { UsageError } from '../../runtime/errors.ts'
import { parseArguments } from '../../runtime/tasks/arguments.ts'
import { readParameters } from '../../runtime/tasks/schema.ts'
import { hides, rejects } from '../_assert.ts'

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
    assert.equal(parseArguments(parameters, argv), values)
  })
}

const REFUSED: readonly (readonly [argv: readonly string[], told: string])[] = [
  [['--nam', 'x'], 'there is no flag --nam; did you mean --name?'],
  [['--sinceDate', '2026-11-01'], 'there is no flag --sinceDate; did you mean --since-date?'],
  [['--dry-rum'], 'there is no flag --dry-rum; did you mean --dry-run?'],
  [['--zzzzzzzz'], 'there is no flag --zzzzzzzz'],
  [['--name'], '--name needs a value; one that begins with "--" is written --name=VALUE'],
  [['--name', '--open'], '--name needs a value; one that begins with "--" is written --name=VALUE'],
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
  [['-x'], 'there are no flags with one dash; a value that begins with "-" goes after "--" or into --flag=VALUE'],
]

for (const [argv, told] of REFUSED) {
  args(`parseArguments() refuses ${JSON.stringify(argv)}`, async () => {
    await rejects(() => parseArguments(parameters, argv), {
      instance: UsageError,
      code: 'WFG_USAGE',
      message: `Cannot use these arguments: ${told}`,
    })
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
    assert.equal(parseArguments(lettered, argv), values)
  })
}

args('parseArguments() names the short flags that there are, and what a mixed flag takes', async () => {
  await rejects(() => parseArguments(lettered, ['-x']), { message: /there is only -s, -o, -t, -n; a value/ })
  await rejects(() => parseArguments(lettered, ['-n', 'some']), { message: /--limit needs number or all$/ })
  await rejects(() => parseArguments(lettered, ['-s']), { message: /--since needs a value/ })
})

args('parseArguments() refuses more positionals than there are places', async () => {
  await rejects(() => parseArguments(flagsOnly, ['x']), {
    message: /it takes flags only, and 1 other argument was given$/,
  })
  await rejects(() => parseArguments(flagsOnly, ['x', '--open', 'y']), { message: /2 other arguments were given$/ })
  const one = readParameters(v.object({ file: v.string() }), { positionals: ['file'] })
  await rejects(() => parseArguments(one, ['x', 'y']), { message: /it takes <file> besides flags, and 2 arguments/ })
})

args('parseArguments() reports every problem at once, and never a value', async () => {
  const argv = ['--amount=s3cret-a', '--nme', 's3cret-b', '--open=s3cret-c', '-s3cret-d', 's3cret-e', 's3cret-f']
  const error = await rejects(() => parseArguments(parameters, argv), { instance: UsageError })
  assert.is(error.message.split('\n').length, 6)
  hides(error.message, 's3cret')
})

args.run()
