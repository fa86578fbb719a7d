import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { UsageError } from '../../../runtime/core/errors.ts'
import type { ArgumentsSchema } from '../../../runtime/script/define.ts'
import type { Given } from '../../../runtime/tasks/arguments/arguments.ts'
import { checkArguments, missingParameters } from '../../../runtime/tasks/arguments/check_arguments.ts'
import { readParameters } from '../../../runtime/tasks/arguments/schema.ts'
import { hides, rejects } from '../../_assert.ts'

const check = suite('tasks/check_arguments')

function given(values: Record<string, unknown>): Given {
  return { values, problems: [], refused: new Set() }
}

function run(schema: ArgumentsSchema, input: Record<string, unknown>, positionals: string[] = []) {
  return checkArguments(schema, given(input), readParameters(schema, { positionals }))
}

check("checkArguments() returns the schema's output: defaults, transformations", async () => {
  const schema = v.object({ a: v.pipe(v.string(), v.transform(Number)), b: v.optional(v.number(), () => 5) })
  assert.equal(await run(schema, { a: '7' }), { a: 7, b: 5 })
})

check('checkArguments() waits for asynchronous checks', async () => {
  const schema = v.objectAsync({
    a: v.pipeAsync(
      v.string(),
      v.checkAsync(async (text) => text !== 'bad'),
    ),
  })
  assert.equal(await run(schema, { a: 'good' }), { a: 'good' })
  await rejects(run(schema, { a: 'bad' }), { message: 'Cannot use these arguments: --a is not accepted by the script' })
})

check('checkArguments() passes null or undefined for a missing flag if the schema needs it', async () => {
  const schema = v.object({
    a: v.nullable(v.string()),
    b: v.undefinedable(v.string(), 'x'),
    c: v.nullable(v.number(), 5),
  })
  assert.equal(await run(schema, {}), { a: null, b: 'x', c: 5 })
})

check('checkArguments() names missing arguments and shows an example', async () => {
  const schema = v.object({
    since: v.pipe(v.string(), v.isoDate(), v.description('first day')),
    state: v.picklist(['open', 'closed']),
    open: v.boolean(),
    file: v.string(),
  })
  await rejects(run(schema, {}, ['file']), {
    instance: UsageError,
    code: 'WFG_USAGE',
    message:
      'Cannot use these arguments:\n' +
      '  needs <file>\n' +
      '  needs --since (first day), such as: --since 2026-11-01\n' +
      '  needs --state, one of: open, closed\n' +
      '  needs --open or --no-open',
  })
})

/** Of one member `a`: its schema, a value that it refuses, and what is said. */
const REFUSED: readonly (readonly [what: string, schema: v.GenericSchema, value: unknown, told: string])[] = [
  ['another type', v.number(), 'S3CRET', '--a needs a number'],
  ['no choice', v.picklist(['x', 'y']), 'S3CRET', '--a needs one of: x, y'],
  ['no enum member', v.enum({ X: 'x' } as const), 'S3CRET', '--a needs one of: x'],
  ['no member of a union', v.union([v.literal(1), v.literal(2)]), 'S3CRET', '--a needs one of: 1, 2'],
  ['no list', v.array(v.string()), 'S3CRET', '--a needs a list'],
  [
    'a wrong list item',
    v.array(v.pipe(v.string(), v.maxLength(2))),
    ['x', 'S3CRET'],
    '--a (value 2) takes at most 2 characters',
  ],
  ['a short list', v.pipe(v.array(v.string()), v.minLength(2)), ['S3CRET'], '--a needs at least 2 values'],
  ['no date', v.pipe(v.string(), v.isoDate()), 'S3CRET', '--a needs a date (YYYY-MM-DD)'],
  ['no e-mail address', v.pipe(v.string(), v.email()), 'S3CRET', '--a needs an e-mail address'],
  ['no URL', v.pipe(v.string(), v.url()), 'S3CRET', '--a needs a URL'],
  ['too small', v.pipe(v.number(), v.minValue(100)), 77, '--a needs to be at least 100'],
  ['too large', v.pipe(v.number(), v.maxValue(5)), 77, '--a needs to be at most 5'],
  [
    'too early',
    v.pipe(v.date(), v.minValue(new Date(0))),
    new Date(-77),
    '--a needs to be at least 1970-01-01T00:00:00.000Z',
  ],
  ['a fraction', v.pipe(v.number(), v.integer()), 7.77, '--a needs a whole number'],
  ['empty', v.pipe(v.string(), v.nonEmpty()), '', '--a must not be empty'],
  ['another pattern', v.pipe(v.string(), v.regex(/^\d+$/)), 'S3CRET', '--a needs to match /^\\d+$/'],
  [
    'a check',
    v.pipe(
      v.string(),
      v.check(() => false),
    ),
    'S3CRET',
    '--a is not accepted by the script',
  ],
  ['another rule', v.pipe(v.string(), v.startsWith('x')), 'S3CRET', '--a does not pass the rule "starts with"'],
  [
    "the author's message",
    v.pipe(
      v.string(),
      v.check(() => false, 'ask Ann'),
    ),
    'S3CRET',
    '--a: ask Ann',
  ],
  [
    'no number after a transformation',
    v.pipe(v.string(), v.transform(Number), v.number()),
    'S3CRET',
    '--a needs a number',
  ],
  ['no text that makes a number', v.pipe(v.string(), v.toNumber()), 'S3CRET', '--a needs a number'],
  [
    'no choice after a transformation',
    v.pipe(
      v.string(),
      v.transform((text) => text.length),
      v.picklist([1, 2]),
    ),
    'S3CRET',
    '--a needs one of: 1, 2',
  ],
  [
    'no choice in a list made of it',
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
      v.array(v.picklist(['x y', 'z'])),
    ),
    'z,S3CRET',
    '--a (value 2) needs one of: x y, z',
  ],
  [
    'no instance after a transformation',
    v.pipe(
      v.string(),
      v.transform((): unknown => undefined),
      v.instance(URL),
    ),
    'S3CRET',
    '--a is not accepted by the script',
  ],
  ["the author's message for the type", v.number('a count, please'), 'S3CRET', '--a: a count, please'],
]

for (const [what, schema, value, told] of REFUSED) {
  check(`checkArguments() says in its own words, without the value, when it is ${what}`, async () => {
    const error = await rejects(run(v.object({ a: schema }), { a: value }), { instance: UsageError })
    assert.is(error.message, `Cannot use these arguments: ${told}`)
    hides(error.message, 'S3CRET', '77')
  })
}

check('checkArguments() reports a check across members, and one forwarded to a member', async () => {
  const entries = { from: v.number(), until: v.number() }
  const across = (message?: string) =>
    v.pipe(
      v.object(entries),
      v.check((x) => x.from < x.until, message as never),
    )
  const input = { from: 2, until: 1 }
  await rejects(run(across(), input), { message: 'Cannot use these arguments: they do not fit together' })
  await rejects(run(across('from comes first'), input), { message: 'Cannot use these arguments: from comes first' })
  const forwarded = v.pipe(
    v.object(entries),
    v.forward(
      v.partialCheck([['from'], ['until']], (x) => x.from < x.until, 'comes later'),
      ['until'],
    ),
  )
  await rejects(run(forwarded, input), { message: 'Cannot use these arguments: --until: comes later' })
})

check('checkArguments() names an unknown member of a strict schema', async () => {
  await rejects(run(v.strictObject({}), { other: 's3cret' }), {
    message: 'Cannot use these arguments: "other" is not one of the arguments',
  })
})

check('checkArguments() reports unusable, missing and refused arguments together, each once', async () => {
  const schema = v.object({
    since: v.date(),
    count: v.pipe(v.number(), v.minValue(3)),
    day: v.number(),
    name: v.string(),
  })
  const unusable = { values: { count: 1 }, problems: ['--day needs a number'], refused: new Set(['day']) }
  await rejects(checkArguments(schema, unusable, readParameters(schema), 'wfg x'), {
    message:
      'Cannot use these arguments:\n' +
      '  --day needs a number\n' +
      '  needs --since, such as: --since 2026-11-01\n' +
      '  needs --name, such as: --name NAME\n' +
      '  --count needs to be at least 3\n' +
      'For example: wfg x --since 2026-11-01 --count 10 --day 10 --name NAME',
  })
})

check('checkArguments() returns the input if there is no schema', async () => {
  assert.equal(await checkArguments(undefined, given({}), []), {})
})

check('missingParameters() are the required parameters without a value', () => {
  const parameters = readParameters(v.object({ a: v.string(), b: v.optional(v.string()), c: v.number() }))
  assert.equal(
    missingParameters(parameters, given({ c: 1 })).map((parameter) => parameter.key),
    ['a'],
  )
})

check.run()
