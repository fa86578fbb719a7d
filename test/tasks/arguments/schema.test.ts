import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { UsageError } from '../../../runtime/core/errors.ts'
import { isLoose, type Parameter, readParameters } from '../../../runtime/tasks/arguments/schema.ts'
import { rejects } from '../../_assert.ts'

const schema = suite('tasks/schema')

function read(member: v.GenericSchema): Parameter {
  return readParameters(v.object({ a: member }))[0]!
}

/** Of a parameter `a`, what a test does not say. */
const PLAIN: Parameter = {
  key: 'a',
  flag: 'a',
  kind: 'string',
  alternatives: undefined,
  label: 'string',
  choices: undefined,
  multiple: false,
  required: true,
  whenAbsent: 'omit',
  defaultValue: undefined,
  description: undefined,
  secret: false,
  short: undefined,
  positional: false,
  variadic: false,
}
const OPTIONAL = { required: false } as const
const number = { kind: 'number', label: 'number' } as const

const Direction = { Up: 'up', Down: 'down' } as const
const Level = { 0: 'Low', 1: 'High', Low: 0, High: 1 } as const

const HANDLED: readonly (readonly [what: string, member: v.GenericSchema, expected: Partial<Parameter>])[] = [
  ['string', v.string(), {}],
  ['number', v.number(), number],
  ['boolean', v.boolean(), { kind: 'boolean', label: 'boolean' }],
  ['bigint', v.bigint(), { kind: 'bigint', label: 'bigint' }],
  ['date', v.date(), { kind: 'date', label: 'date, or with a time (YYYY-MM-DDThh:mmZ)' }],
  ['picklist', v.picklist(['x', 'y']), { choices: ['x', 'y'] }],
  ['picklist of numbers', v.picklist([1, 2]), { ...number, choices: [1, 2] }],
  ['enum', v.enum(Direction), { choices: ['up', 'down'] }],
  ['enum of numbers', v.enum(Level), { ...number, choices: [0, 1] }],
  ['literal', v.literal('x'), { choices: ['x'] }],
  ['literal true', v.literal(true), { kind: 'boolean', label: 'boolean', choices: [true] }],
  [
    'union of literals',
    v.union([v.literal('x'), v.literal('y'), v.picklist(['y', 'z'])]),
    { choices: ['x', 'y', 'z'] },
  ],
  [
    'union of one kind',
    v.union([v.pipe(v.string(), v.email()), v.pipe(v.string(), v.url())]),
    { label: 'e-mail address or URL' },
  ],
  ['union of a choice and any text', v.union([v.literal('x'), v.string()]), {}],
  [
    'union of kinds that are told apart',
    v.union([v.number(), v.literal('all'), v.date(), v.boolean()]),
    {
      ...number,
      label: 'number or all or date, or with a time (YYYY-MM-DDThh:mmZ) or boolean',
      alternatives: [
        { kind: 'number', choices: undefined },
        { kind: 'string', choices: ['all'] },
        { kind: 'date', choices: undefined },
        { kind: 'boolean', choices: undefined },
      ],
    },
  ],
  [
    'optional union of choices of two kinds',
    v.optional(v.picklist(['all', 1, 2] as const), 1),
    {
      label: 'all or 1 or 2',
      choices: ['all', 1, 2],
      alternatives: [
        { kind: 'string', choices: ['all'] },
        { kind: 'number', choices: [1, 2] },
      ],
      defaultValue: 1,
      ...OPTIONAL,
    },
  ],
  ['union with undefined', v.union([v.string(), v.undefined()]), { ...OPTIONAL, whenAbsent: 'undefined' }],
  ['union with null', v.union([v.null(), v.number()]), { ...number, ...OPTIONAL, whenAbsent: 'null' }],
  ['array', v.array(v.number()), { ...number, multiple: true }],
  ['array of choices', v.array(v.picklist(['x', 'y'])), { choices: ['x', 'y'], multiple: true }],
  ['optional array', v.optional(v.array(v.string()), ['x']), { ...OPTIONAL, multiple: true, defaultValue: ['x'] }],
  ['optional', v.optional(v.string()), OPTIONAL],
  ['optional with a default', v.optional(v.number(), 5), { ...number, ...OPTIONAL, defaultValue: 5 }],
  ['optional with a computed default', v.optional(v.number(), () => 5), { ...number, ...OPTIONAL }],
  ['exact_optional', v.exactOptional(v.string(), 'x'), { ...OPTIONAL, defaultValue: 'x' }],
  ['nullish', v.nullish(v.string()), OPTIONAL],
  ['nullable', v.nullable(v.string(), 'x'), { ...OPTIONAL, whenAbsent: 'null', defaultValue: 'x' }],
  ['undefinedable', v.undefinedable(v.string()), { ...OPTIONAL, whenAbsent: 'undefined' }],
  [
    'nullable optional',
    v.nullable(v.optional(v.string(), 'x')),
    { ...OPTIONAL, whenAbsent: 'undefined', defaultValue: 'x' },
  ],
  [
    'nullable over optional, each with a default',
    v.nullable(v.optional(v.nullish(v.string(), 'x'), 'y'), 'z'),
    { ...OPTIONAL, whenAbsent: 'undefined', defaultValue: 'y' },
  ],
  ['optional over a default', v.optional(v.nullable(v.optional(v.string(), 'x'))), OPTIONAL],
  [
    'optional with null over a default',
    v.optional(v.nullable(v.string(), 'x'), null),
    { ...OPTIONAL, defaultValue: null },
  ],
  ['non_optional over a default', v.nonOptional(v.optional(v.string(), 'x')), {}],
  [
    'optional nullable pipe',
    v.optional(v.nullable(v.pipe(v.number(), v.integer()))),
    { ...number, ...OPTIONAL, label: 'whole number' },
  ],
  ['non_optional', v.nonOptional(v.optional(v.string())), {}],
  ['non_nullable', v.nonNullable(v.nullable(v.string())), {}],
  ['non_nullish', v.nonNullish(v.nullish(v.string())), {}],
  ['fallback', v.fallback(v.string(), 'x'), { ...OPTIONAL, defaultValue: 'x' }],
  ['lazy', v.lazy(() => v.number()), number],
  ['readonly', v.pipe(v.array(v.string()), v.readonly()), { multiple: true }],
  ['brand', v.pipe(v.string(), v.brand('x'), v.isoDate()), { label: 'date (YYYY-MM-DD)' }],
  [
    'pipe of a union',
    v.pipe(v.union([v.literal('x'), v.literal('y')]), v.description('d')),
    { choices: ['x', 'y'], description: 'd' },
  ],
  [
    'pipe of an optional',
    v.pipe(v.optional(v.string(), 'x'), v.description('d')),
    { ...OPTIONAL, defaultValue: 'x', description: 'd' },
  ],
  ['transformation', v.pipe(v.string(), v.transform(Number)), {}],
  ['transformation to another schema', v.pipe(v.string(), v.toNumber(), v.number(), v.integer(), v.minValue(1)), {}],
  ['choices of a trimmed text', v.pipe(v.string(), v.trim(), v.picklist(['x', 'y'])), { choices: ['x', 'y'] }],
  ['trimmed date', v.pipe(v.string(), v.trim(), v.isoDate()), { label: 'date (YYYY-MM-DD)' }],
  [
    'bounds',
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9)),
    { ...number, label: 'whole number, 1 to 9' },
  ],
  ['lower bound', v.pipe(v.number(), v.minValue(1)), { ...number, label: 'number, at least 1' }],
  ['description in the pipe', v.optional(v.pipe(v.string(), v.description('d'))), { ...OPTIONAL, description: 'd' }],
  [
    'description around',
    v.pipe(v.optional(v.pipe(v.string(), v.description('d'))), v.description('e')),
    { ...OPTIONAL, description: 'e' },
  ],
  [
    'secret',
    v.optional(v.pipe(v.string(), v.metadata({ secret: true, description: 'd' }))),
    { ...OPTIONAL, secret: true, description: 'd' },
  ],
  ['secret of a list', v.array(v.pipe(v.string(), v.metadata({ secret: true }))), { multiple: true, secret: true }],
  ['secret around', v.pipe(v.optional(v.string()), v.metadata({ secret: true })), { ...OPTIONAL, secret: true }],
  ['what is no secret', v.pipe(v.string(), v.metadata({ secret: false })), {}],
  ['description in an array', v.array(v.pipe(v.string(), v.description('d'))), { multiple: true, description: 'd' }],
  ['metadata', v.pipe(v.string(), v.metadata({ description: 'd' })), { description: 'd' }],
  ['title', v.pipe(v.string(), v.title('t')), { description: 't' }],
]

for (const [what, member, expected] of HANDLED) {
  schema(`readParameters() reads ${what}`, () => {
    assert.equal(read(member), { ...PLAIN, ...expected })
  })
}

const REFUSED: readonly (readonly [what: string, member: v.GenericSchema, told: RegExp])[] = [
  ['any', v.any(), /"a": a flag cannot have the type any\b/],
  ['unknown', v.unknown(), /"a": a flag cannot have the type unknown\b/],
  ['blob', v.blob(), /"a": a flag cannot have the type blob\b/],
  ['custom', v.custom<`a${string}`>(() => true), /"a": a flag cannot have the type custom\b/],
  ['file', v.file(), /"a": a flag cannot have the type file\b/],
  ['function', v.function(), /"a": a flag cannot have the type function\b/],
  ['instance', v.instance(URL), /"a": a flag cannot have the type instance\b/],
  ['intersect', v.intersect([v.string(), v.string()]), /"a": a flag cannot have the type intersect\b/],
  ['map', v.map(v.string(), v.string()), /"a": a flag cannot have the type map\b/],
  ['nan', v.nan(), /"a": a flag cannot have the type nan\b/],
  ['never', v.never(), /"a": a flag cannot have the type never\b/],
  ['null', v.null(), /"a": a flag cannot have the type null\b/],
  ['undefined', v.undefined(), /"a": a flag cannot have the type undefined\b/],
  ['void', v.void(), /"a": a flag cannot have the type void\b/],
  ['object', v.object({}), /"a": a flag cannot have the type object\b/],
  ['loose_object', v.looseObject({}), /"a": a flag cannot have the type loose_object\b/],
  ['strict_object', v.strictObject({}), /"a": a flag cannot have the type strict_object\b/],
  ['object_with_rest', v.objectWithRest({}, v.string()), /"a": a flag cannot have the type object_with_rest\b/],
  ['promise', v.promise(), /"a": a flag cannot have the type promise\b/],
  ['record', v.record(v.string(), v.string()), /"a": a flag cannot have the type record\b/],
  ['set', v.set(v.string()), /"a": a flag cannot have the type set\b/],
  ['symbol', v.symbol(), /"a": a flag cannot have the type symbol\b/],
  ['literal symbol', v.literal(Symbol('x')), /"a": a flag cannot have the type symbol\b/],
  ['tuple', v.tuple([v.string()]), /"a": a flag cannot have the type tuple\b/],
  ['loose_tuple', v.looseTuple([v.string()]), /"a": a flag cannot have the type loose_tuple\b/],
  ['strict_tuple', v.strictTuple([v.string()]), /"a": a flag cannot have the type strict_tuple\b/],
  ['tuple_with_rest', v.tupleWithRest([v.string()], v.string()), /"a": a flag cannot have the type tuple_with_rest\b/],
  ['variant', v.variant('x', [v.object({ x: v.literal(1) })]), /"a": a flag cannot have the type variant\b/],
  ['array of arrays', v.array(v.array(v.string())), /"a": it is an array of arrays/],
  [
    'union of two kinds',
    v.union([v.string(), v.number()]),
    /"a": it has several types \(string, number\) that typed text does not tell apart/,
  ],
  [
    'union of one and many',
    v.union([v.string(), v.array(v.string())]),
    /"a": it has several types \(string, array of string\)/,
  ],
  ['union of nothing', v.union([v.null()]), /"a": its union has no type/],
  ['picklist of two kinds', v.picklist(['1', 1] as never), /"a": it has several types \(string, number\)/],
  ['union of number and bigint', v.union([v.number(), v.bigint()]), /"a": it has several types/],
  ['union of a kind and its choice', v.union([v.number(), v.literal('1')]), /"a": it has several types/],
  ['empty picklist', v.picklist([]), /"a": it has no choices/],
  [
    'lazy that contains itself',
    (() => {
      const s: v.GenericSchema = v.lazy(() => s)
      return s
    })(),
    /"a": its schema contains itself/,
  ],
  [
    'lazy that needs its value',
    v.lazy((input) => ((input as string).length > 1 ? v.string() : v.number())),
    /"a": its lazy schema depends/,
  ],
  ['something else', 5 as never, /"a": it is no valibot schema/],
]

for (const [what, member, told] of REFUSED) {
  schema(`readParameters() refuses ${what}`, async () => {
    await rejects(() => read(member), { instance: UsageError, code: 'WFG_USAGE', message: told })
  })
}

schema('a test handles or refuses every kind of schema of valibot', () => {
  const tested = new Set([...HANDLED, ...REFUSED].flatMap(([, member]) => typesOf(member)))
  const all = Object.entries(v)
    .filter(
      ([name, made]) =>
        typeof made === 'function' &&
        /type: "\w+",\s*reference: \w+,\s*expects/.test(String(made)) &&
        !name.endsWith('Async'),
    )
    .map(([, made]) => /type: "(\w+)"/.exec(String(made))![1]!)
  const kinds = [...new Set(all)].filter((type) => /kind: "schema"/.test(sourceOf(type)))
  assert.ok(kinds.length >= 38, `${kinds.length} kinds`)
  assert.equal(
    kinds.filter((type) => !tested.has(type)),
    [],
  )
})

function typesOf(member: unknown): string[] {
  const { type, wrapped, item } = (member ?? {}) as { type?: string; wrapped?: unknown; item?: unknown }
  return type === undefined ? [] : [type, ...typesOf(wrapped), ...typesOf(item)]
}

function sourceOf(type: string): string {
  return String(Object.values(v).find((made) => typeof made === 'function' && String(made).includes(`type: "${type}"`)))
}

for (const [key, flag] of [
  ['sinceDate', 'since-date'],
  ['since_date', 'since-date'],
  ['userID', 'user-id'],
  ['HTMLFile', 'html-file'],
  ['page2', 'page2'],
  ['größe', 'größe'],
] as const) {
  schema(`readParameters() makes --${flag} of ${key}`, () => {
    assert.is(readParameters(v.object({ [key]: v.string() }))[0]?.flag, flag)
  })
}

for (const key of ['', 'a b', 'a--b', '__proto__', '-a', 'a.b', 'a=b']) {
  schema(`readParameters() refuses the key ${JSON.stringify(key)}`, async () => {
    const entries = Object.fromEntries([[key, v.string()]])
    await rejects(() => readParameters(v.object(entries)), { message: /its name cannot be a flag/ })
  })
}

schema("readParameters() refuses names of the tool's flags", async () => {
  for (const key of [
    'profile',
    'dryRun',
    'format',
    'out',
    'yes',
    'confirm',
    'timeout',
    'verbose',
    'quiet',
    'noColor',
    'raw',
    'argsFile',
    'help',
    'version',
  ]) {
    await rejects(() => readParameters(v.object({ [key]: v.string() })), { message: /is a flag of the tool/ })
  }
  await rejects(() => readParameters(v.object({ color: v.boolean() })), { message: /"color": --no-color is a flag/ })
  assert.is(readParameters(v.object({ color: v.string() })).length, 1)
})

schema('readParameters() refuses two keys of one flag', async () => {
  await rejects(() => readParameters(v.object({ aB: v.string(), a_b: v.string() })), {
    message: /--a-b is the flag of "aB" too/,
  })
  await rejects(() => readParameters(v.object({ dry: v.boolean(), noDry: v.string() })), {
    message: /--no-dry is the flag of "dry" too/,
  })
})

schema('readParameters() names every key that cannot be a flag', async () => {
  await rejects(() => readParameters(v.object({ a: v.any(), b: v.string(), c: v.tuple([]) })), {
    message:
      /^Cannot make a command line of the script's "args":\n {2}"a": [^\n]* type any;[^\n]*\n {2}"c": [^\n]* type tuple;[^\n]*$/,
  })
})

schema('readParameters() accepts every kind of object schema, with checks after it', () => {
  const entries = { a: v.string() }
  for (const object of [
    v.object(entries),
    v.strictObject(entries),
    v.looseObject(entries),
    v.objectWithRest(entries, v.string()),
    v.pipe(
      v.object(entries),
      v.check(() => true),
      v.transform((x) => x),
    ),
    v.pipeAsync(
      v.objectAsync(entries),
      v.checkAsync(async () => true),
    ),
  ]) {
    assert.equal(readParameters(object), [PLAIN])
  }
})

schema('readParameters() refuses a schema that is no object', async () => {
  for (const other of [v.string(), v.array(v.object({})), v.optional(v.object({})), v.variant('a', []), 5, null, {}]) {
    await rejects(() => readParameters(other as never), { instance: UsageError, message: /needs to be one v\.object/ })
  }
  assert.equal(readParameters(undefined), [])
})

schema('readParameters() puts positionals first, in their order, and the last one may be variadic', () => {
  const object = v.object({ x: v.optional(v.string()), files: v.array(v.string()), name: v.string() })
  const parameters = readParameters(object, { positionals: ['name', 'files'] })
  assert.equal(
    parameters.map(({ key, positional, variadic }) => [key, positional, variadic]),
    [
      ['name', true, false],
      ['files', true, true],
      ['x', false, false],
    ],
  )
})

schema('readParameters() refuses positionals that are not possible', async () => {
  const object = v.object({
    file: v.string(),
    other: v.optional(v.string()),
    many: v.array(v.string()),
    flag: v.boolean(),
  })
  for (const [positionals, told] of [
    [['fil'], 'positional "fil" is not in "args"; did you mean "file"?'],
    [['toString'], 'positional "toString" is not in "args"'],
    [['file', 'file'], 'positional "file" is listed twice'],
    [['flag'], 'positional "flag" is a boolean, which only a flag can be'],
    [['many', 'file'], 'positional "file" follows "many", which takes all remaining arguments'],
    [['other', 'file'], 'positional "file" is required and follows an optional one'],
  ] as const) {
    const error = await rejects(() => readParameters(object, { positionals }), { instance: UsageError })
    assert.ok(error.message.endsWith(told), error.message)
  }
})

schema('readParameters() gives letters to flags, and refuses wrong ones', async () => {
  const object = v.object({ since: v.string(), open: v.optional(v.boolean()), file: v.string() })
  const [, since, open] = readParameters(object, { positionals: ['file'], short: { since: 's', open: 'O' } })
  assert.equal([since?.short, open?.short], ['s', 'O'])
  for (const [short, told] of [
    [{ sinse: 's' }, 'short "sinse" is not in "args"; did you mean "since"?'],
    [{ since: '-s' }, 'short "since" needs one letter, such as "s"'],
    [{ since: 5 as never }, 'short "since" needs one letter, such as "s"'],
    [{ since: 'h' }, 'short "since": -h is a flag of the tool; it needs another letter'],
    [{ since: 's', open: 's' }, 'short "open": -s is given to another one too'],
    [{ file: 'f' }, 'short "file" is a positional, which has no flag'],
  ] as const) {
    const error = await rejects(() => readParameters(object, { positionals: ['file'], short }), {
      instance: UsageError,
    })
    assert.ok(error.message.endsWith(told), error.message)
  }
})

schema('isLoose() is true if the schema accepts unknown members', () => {
  assert.is(isLoose(v.looseObject({})), true)
  assert.is(
    isLoose(
      v.pipe(
        v.objectWithRest({}, v.string()),
        v.check(() => true),
      ),
    ),
    true,
  )
  assert.is(isLoose(v.object({})), false)
})

schema.run()
