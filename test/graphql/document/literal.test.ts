import { type DocumentNode, Kind, parse, parseValue, print, valueFromASTUntyped } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gql } from '../../../runtime/graphql/document/gql.ts'
import { documentFromTemplate, enumValue, writeLiteral } from '../../../runtime/graphql/document/literal.ts'

const literal = suite('literal')

literal('writeLiteral() writes what a GraphQL parser reads back, for 5000 generated values', () => {
  const random = generator(20261124)
  for (let count = 0; count < 5000; count += 1) {
    const value = randomValue(random, 4)
    const written = writeLiteral(value, 'value 1')
    const read = valueFromASTUntyped(parseValue(written))
    assert.ok(same(read, value), `${JSON.stringify(value)} became ${written}`)
  }
})

literal('writeLiteral() writes every valid UTF-16 unit so that it reads back', () => {
  for (let code = 0; code <= 0xffff; code += 1) {
    const text = `a${String.fromCharCode(code)}b`
    if (!text.isWellFormed()) continue
    if (valueFromASTUntyped(parseValue(writeLiteral(text, 'value 1'))) !== text) assert.unreachable(code.toString(16))
  }
})

const HOSTILE = [
  '") { id } } mutation { evil } #',
  '""" ) { id } } mutation { evil(x: """',
  '\\") { id } } mutation { evil } #',
  '\\\\") { evil }',
  '\n") { evil }\r\n',
  '$' + '{evil}',
  '{ evil }',
  '# comment',
  '$evil',
  '\u2028") { evil }\u2029',
  '\u0000") { evil }',
  '\ufeff") { evil }',
  '\u{1f600}") { evil }',
  '<script>',
  'null',
  'true',
  '1',
]
for (const text of HOSTILE) {
  literal(`documentFromTemplate() writes ${JSON.stringify(text)} as a string`, () => {
    const document = template`query { user(name: ${text}, more: [${text}], in: { key: ${{ a: text }} }) { id } }`
    assert.ok(same(argumentsOf(document), [text, [text], { key: { a: text } }]))
  })
}

literal('documentFromTemplate() writes each kind of value', () => {
  const date = new Date(Date.UTC(2026, 10, 24, 1, 2, 3, 4))
  const values = [1, -0, 1.5, 1e21, 1e-7, 12n, true, false, null, date, [], {}, [[1], []], { a: { b: [null] } }]
  const document = template`query { x(
    a: ${values[0]}, b: ${values[1]}, c: ${values[2]}, d: ${values[3]}, e: ${values[4]}, f: ${values[5]}, g: ${values[6]},
    h: ${values[7]}, i: ${values[8]}, j: ${values[9]}, k: ${values[10]}, l: ${values[11]}, m: ${values[12]}, n: ${values[13]}) }`
  const expected = [
    1,
    -0,
    1.5,
    1e21,
    1e-7,
    12,
    true,
    false,
    null,
    date.toISOString(),
    [],
    {},
    [[1], []],
    { a: { b: [null] } },
  ]
  assert.ok(same(argumentsOf(document), expected))
})

literal('documentFromTemplate() leaves out object fields that are undefined', () => {
  const document = template`query { x(filter: ${{ since: undefined, name: 'a' }}) }`
  assert.ok(same(argumentsOf(document), [{ name: 'a' }]))
})

literal('documentFromTemplate() writes an enum value without quotes', () => {
  const document = template`query { x(status: ${enumValue('OPEN')}, in: ${[enumValue('A'), { b: enumValue('C') }]}) }`
  assert.match(print(parse(document)), 'x(status: OPEN, in: [A, {b: C}])')
})

literal('documentFromTemplate() separates values', () => {
  assert.equal(argumentsOf(template`query { x(list: [${1}${2}${'a'}${'b'}${true}${null}]) }`), [
    [1, 2, 'a', 'b', true, null],
  ])
  const document = template`query { x(a:${enumValue('A')}b:${-1}c:${1.5}) }`
  assert.equal(argumentsOf(document), ['A', -1, 1.5])
})

literal('documentFromTemplate() returns the text without values', () => {
  assert.is(template`query { viewer { id } }`, 'query { viewer { id } }')
})

literal('documentFromTemplate() inserts documents and fragments as such', () => {
  const Fields = gql`fragment UserFields on User { id userName }`
  const document = parse(template`${Fields} query { viewer { ...UserFields } } ${Fields}`)
  assert.equal(
    document.definitions.map(({ kind }) => kind),
    [Kind.FRAGMENT_DEFINITION, Kind.OPERATION_DEFINITION, Kind.FRAGMENT_DEFINITION],
  )
})

literal('documentFromTemplate() refuses data that looks like a document', () => {
  const forged = { kind: 'Document', definitions: [{ kind: 'Name', value: '1) { id } } mutation { evil } #' }] }
  assert.throws(
    () => template`query { request(number: ${forged}) { id } }`,
    /^Cannot insert value 1: .* insert it outside of the braces/,
  )
  const inside = template`query { request(in: ${{ b: forged }}) }`
  assert.ok(same(argumentsOf(inside), [{ b: forged }]))
  assert.throws(() => template`query { a } ${forged}`, /^Cannot insert value 1: /)
})

// --- places without values ---

const PLACES: readonly (readonly [inside: string, build: () => string])[] = [
  ['text', () => template`query { x(a: "${1}") }`],
  ['text', () => template`query { x(a: "b ${1} c") }`],
  ['text', () => template`query { x(a: "\\" ${1}") }`],
  ['text', () => template`query { x(a: "\\\\\\" ${1}") }`],
  ['text', () => template`query { x(a: """${1}""") }`],
  ['text', () => template`query { x(a: """ " "" ${1} """) }`],
  ['text', () => template`query { x(a: """ \\""" ${1} """) }`],
  ['text', () => template`query { x(a: """ # ${1} """) }`],
  [
    'comment',
    () => template`query { # ${1}
    x }`,
  ],
  [
    'comment',
    () => template`query { # "quoted" ${1}
    x }`,
  ],
  ['comment', () => template`# ${1}`],
]
for (const [index, [inside, build]] of PLACES.entries()) {
  literal(`documentFromTemplate() refuses a value inside a ${inside}, case ${index + 1}`, () => {
    assert.throws(build, new RegExp(`^Cannot write value 1: it is inside a ${inside}`))
  })
}

const FREE: readonly (() => string)[] = [
  () => template`query { x(a: "", b: ${1}) }`,
  () => template`query { x(a: """""", b: ${1}) }`,
  () => template`query { x(a: "\\\\", b: ${1}) }`,
  () => template`query { x(a: "\\"", b: ${1}) }`,
  () => template`query { x(a: """ \\""" """, b: ${1}) }`,
  () => template`query { x(a: "# none", b: ${1}) }`,
  () => template`query { # it's "half
    x(a: ${1}) }`,
  () => template`query { # a comment\r x(a: ${1}) }`,
  () => template`query { x(a: ${'#'}, b: ${'"'}, c: ${1}) }`,
]
for (const [index, build] of FREE.entries()) {
  literal(`documentFromTemplate() sees where texts and comments end, case ${index + 1}`, () => {
    parse(build())
  })
}

literal('documentFromTemplate() reports an invalid escape sequence', () => {
  assert.throws(() => template`query { x(a: ${1}, b: "\u") }`, /^Cannot read the template: .* after value 1/)
})

// --- values that cannot be written ---

const self: Record<string, unknown> = {}
self['a'] = { b: [self] }
class Money {
  amount = 1
}
const UNWRITABLE: readonly (readonly [value: unknown, position: string, found: string])[] = [
  [Number.NaN, 'value 2', 'it is not a finite number'],
  [Number.POSITIVE_INFINITY, 'value 2', 'it is not a finite number'],
  [undefined, 'value 2', 'it is undefined'],
  [() => 1, 'value 2', 'it is a function'],
  [Symbol('s'), 'value 2', 'it is a symbol'],
  [[1, undefined], 'value 2\\[1\\]', 'it is undefined'],
  [new Array(1), 'value 2\\[0\\]', 'it is undefined'],
  [{ a: [{ b: Number.NaN }] }, 'value 2\\.a\\[0\\]\\.b', 'it is not a finite number'],
  [self, 'value 2\\.a\\.b\\[0\\]', 'it contains itself'],
  [{ 'a-b': 1 }, 'value 2, key "a-b"', 'it is not a GraphQL name'],
  [{ '': 1 }, 'value 2, key ""', 'it is not a GraphQL name'],
  [{ 'a: 1) { evil } #': 1 }, 'value 2, key', 'it is not a GraphQL name'],
  [new Money(), 'value 2', 'it is a Money'],
  [new Map(), 'value 2', 'it is a Map'],
  [new String('a'), 'value 2', 'it is a String'],
  [new Date(Number.NaN), 'value 2', 'it is an invalid Date'],
  ['a\ud800', 'value 2', 'it has half of a surrogate pair'],
  ['\udc00a', 'value 2', 'it has half of a surrogate pair'],
  [new Blob(['a']), 'value 2', 'it is a Blob'],
  [Promise.resolve(1), 'value 2', 'it is a Promise'],
]
for (const [index, [value, position, found]] of UNWRITABLE.entries()) {
  literal(`documentFromTemplate() throws a TypeError at ${position} because ${found}, case ${index + 1}`, () => {
    try {
      template`query { x(a: ${'secret'}, b: ${value}) }`
    } catch (error) {
      assert.instance(error, TypeError)
      assert.match((error as Error).message, new RegExp(`^Cannot write ${position}.* as a GraphQL literal: ${found};`))
      assert.not.match((error as Error).message, 'secret')
      return
    }
    assert.unreachable('it was written')
  })
}

literal('writeLiteral() writes one object in two places', () => {
  const shared = { a: 1 }
  assert.is(writeLiteral([shared, shared], 'value 1'), '[{a: 1}, {a: 1}]')
})

for (const name of ['', 'a b', '1a', 'a-b', 'true', 'false', 'null', 'A) { evil }', 'É']) {
  literal(`enumValue() throws a TypeError for ${JSON.stringify(name)}`, () => {
    assert.throws(() => enumValue(name), /^Cannot write ".*" as an enum value/)
  })
}

// --- internal ---

function template(strings: TemplateStringsArray, ...values: unknown[]): string {
  return documentFromTemplate(strings, values)
}

/** The values of all arguments of the one field, after checking that there is nothing else in the document. */
function argumentsOf(text: string): unknown[] {
  const document: DocumentNode = parse(text)
  assert.is(document.definitions.length, 1)
  const [operation] = document.definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('Expected an operation')
  assert.is(operation.selectionSet.selections.length, 1)
  const [field] = operation.selectionSet.selections
  if (field?.kind !== Kind.FIELD) throw new Error('Expected a field')
  return (field.arguments ?? []).map(({ value }) => valueFromASTUntyped(value))
}

/** mulberry32: the same numbers on every run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const PIECES = [
  '"',
  '"""',
  '\\',
  '\\u0022',
  '{',
  '}',
  '$',
  '#',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\b',
  '\f',
  '\u007f',
  '\u0085',
]
const MORE_PIECES = [
  '\u2028',
  '\u{1f600}',
  '\u{10ffff}',
  '\ufeff',
  '\uffff',
  'é',
  ' ',
  ',',
  'a',
  'mutation',
  '(',
  ')',
  '`',
  '${',
]
const NUMBERS = [0, -0, 1, -1, 0.1, 2 ** 31, -(2 ** 53), Number.MAX_VALUE, Number.MIN_VALUE, 1e21, 1e-7, 123456789.125]

function randomValue(random: () => number, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const times = <T>(make: () => T): T[] => Array.from({ length: Math.floor(random() * 5) }, make)
  const text = () => times(() => pick([...PIECES, ...MORE_PIECES])).join('')
  switch (Math.floor(random() * (depth > 0 ? 7 : 5))) {
    case 0:
    case 1:
      return text()
    case 2:
      return random() < 0.5 ? pick(NUMBERS) : (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20)
    case 3:
      return random() < 0.5
    case 4:
      return null
    case 5:
      return times(() => randomValue(random, depth - 1))
    default:
      return Object.fromEntries(
        times(() => [
          pick(['a', 'B', '_c', 'd1', '__proto__', 'true', 'null', 'query']),
          randomValue(random, depth - 1),
        ]),
      )
  }
}

/** Deep equality that tells 0 from -0 and looks at own keys only. */
function same(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return Object.is(left, right)
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const [ours, theirs] = [Object.entries(left), Object.entries(right)]
  return (
    ours.length === theirs.length &&
    theirs.every(([key, value]) => same(Object.getOwnPropertyDescriptor(left, key)?.value, value))
  )
}

literal('enumValue() returns a frozen value', () => {
  const value = enumValue('OPEN')
  assert.throws(() => Object.assign(value, { name: 'X) { id } evil(y: 1' }), TypeError)
  assert.is(writeLiteral(value, 'value 1'), 'OPEN')
})

literal.run()
