/** What one member of a script's schema looks like on a command line: read from the schema, which is plain data. */
import { UsageError } from '../../core/errors.ts'
import { convertText } from './convert.ts'
import { describe, type PipeItem } from './schema_pipe.ts'
import type { Alternative, Choice, Kind, Shape } from './shape.ts'

/** The members of a valibot schema that are read here; which of them it has depends on its `type`. */
export interface SchemaNode {
  readonly kind: string
  readonly type: string
  readonly pipe?: readonly PipeItem[]
  readonly wrapped?: SchemaNode
  readonly item?: SchemaNode
  readonly options?: readonly unknown[]
  readonly literal?: unknown
  readonly default?: unknown
  readonly fallback?: unknown
  readonly getter?: (input: unknown) => SchemaNode
  readonly entries?: Readonly<Record<string, SchemaNode>>
}

/** @throws {UsageError} whose message says why this cannot be a flag, to be put behind the flag's name */
export function readShape(schema: unknown, depth = 0): Shape {
  if (!isSchema(schema)) throw new UsageError('it is no valibot schema')
  if (depth > MAX_DEPTH) throw new UsageError('its schema contains itself')
  const inner = schema.pipe
    ? describe(readShape(schema.pipe[0], depth + 1), schema.pipe.slice(1))
    : bare(schema, depth + 1)
  return inner.defaultValue === undefined ? { ...inner, defaultValue: fixed(schema.fallback) } : inner
}

export function isSchema(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && (value as SchemaNode).kind === 'schema'
}

export function isKind(type: string): type is Kind {
  return KINDS.includes(type)
}

// --- internal ---

const MAX_DEPTH = 32

const KINDS: readonly string[] = ['string', 'number', 'boolean', 'bigint', 'date'] satisfies Kind[]

function bare(schema: SchemaNode, depth: number): Shape {
  const { type } = schema
  if (isKind(type))
    return { ...plain, kind: type, label: type === 'date' ? 'date, or with a time (YYYY-MM-DDThh:mmZ)' : type }
  switch (type) {
    case 'literal':
      return choiceShape([schema.literal])
    case 'picklist':
    case 'enum':
      return choiceShape(schema.options ?? [])
    case 'union':
      return unionShape(schema.options ?? [], depth)
    case 'array':
      return arrayShape(schema.item, depth)
    case 'lazy':
      return lazyShape(schema, depth)
    case 'optional':
    case 'exact_optional':
    case 'undefinedable':
      return wrapper(schema, depth, { acceptsUndefined: true })
    case 'nullable':
      return wrapper(schema, depth, { acceptsNull: true })
    case 'nullish':
      return wrapper(schema, depth, { acceptsNull: true, acceptsUndefined: true })
    case 'non_optional':
      return wrapper(schema, depth, { acceptsUndefined: false })
    case 'non_nullable':
      return wrapper(schema, depth, { acceptsNull: false })
    case 'non_nullish':
      return wrapper(schema, depth, { acceptsNull: false, acceptsUndefined: false })
    default:
      throw new UsageError(`${type} is no kind of value that a flag can have; there are ${ALLOWED}`)
  }
}

const ALLOWED =
  'string, number, boolean, bigint, date, picklist, enum, literal, unions whose kinds can be told apart, and arrays of these'

const plain = {
  alternatives: undefined,
  choices: undefined,
  multiple: false,
  acceptsNull: false,
  acceptsUndefined: false,
  defaultValue: undefined,
  description: undefined,
  secret: false,
} satisfies Partial<Shape>

/** What is left out is undefined to the outermost wrapper that takes it, and its default alone counts; null where none does. */
function wrapper(schema: SchemaNode, depth: number, accepts: Partial<Shape>): Shape {
  const inner = readShape(schema.wrapped, depth)
  const own = accepts.acceptsUndefined || !inner.acceptsUndefined
  return { ...inner, ...accepts, defaultValue: own ? fixed(schema.default) : inner.defaultValue }
}

function choiceShape(values: readonly unknown[]): Shape {
  const kinds = new Set(values.map((value) => typeof value))
  const [kind] = kinds
  if (values.length === 0) throw new UsageError('it has no choices')
  const foreign = [...kinds].find((each) => !KINDS.includes(each))
  if (foreign !== undefined) throw new UsageError(`${foreign} is no kind of value that a flag can have`)
  if (kinds.size > 1)
    return mixedShape([...kinds].map((each) => choiceShape(values.filter((value) => typeof value === each))))
  return { ...plain, kind: kind as Kind, label: kind!, choices: values as Choice[] }
}

/** Null and undefined in a union say that the flag may be left out; the rest must agree on one kind. */
function unionShape(options: readonly unknown[], depth: number): Shape {
  const isNothing = (type: string) => (option: unknown) => isSchema(option) && option.type === type
  const shapes = options
    .filter((option) => !isNothing('null')(option) && !isNothing('undefined')(option))
    .map((option) => readShape(option, depth))
  const [first] = shapes
  if (!first) throw new UsageError('its union has no kind of value that a flag can have')
  const parts = shapes.flatMap((shape) => shape.alternatives?.map((each) => ({ ...shape, ...each })) ?? shape)
  const kinds = new Set(parts.map(nameOf))
  const byKind = [...kinds].map((name) => merged(parts.filter((part) => nameOf(part) === name)))
  return {
    ...(byKind.length > 1 ? mixedShape(byKind) : byKind[0]!),
    acceptsNull: options.some(isNothing('null')) || shapes.some((shape) => shape.acceptsNull),
    acceptsUndefined: options.some(isNothing('undefined')) || shapes.some((shape) => shape.acceptsUndefined),
    description: shapes.length === 1 ? first.description : undefined,
    secret: shapes.some((shape) => shape.secret),
  }
}

function nameOf({ kind, multiple }: Pick<Shape, 'kind' | 'multiple'>): string {
  return multiple ? `array of ${kind}` : kind
}

/** Shapes of one kind as one. */
function merged(shapes: readonly Shape[]): Shape {
  const labels = new Set(shapes.map((shape) => shape.label))
  return {
    ...shapes[0]!,
    label: [...labels].join(' or '),
    choices: shapes.every((shape) => shape.choices)
      ? [...new Set(shapes.flatMap((shape) => shape.choices!))]
      : undefined,
  }
}

/** @param shapes one for each kind */
function mixedShape(shapes: readonly Shape[]): Shape {
  const alternatives = shapes.map(({ kind, choices }) => ({ kind, choices }))
  const isClear = alternatives.every((a, index) => alternatives.slice(index + 1).every((b) => areToldApart(a, b)))
  if (shapes.some((shape) => shape.multiple) || !isClear) {
    throw new UsageError(
      `it is of several kinds (${shapes.map(nameOf).join(', ')}), and what one types does not say which`,
    )
  }
  const isClosed = shapes.every((shape) => shape.choices)
  return {
    ...plain,
    kind: shapes[0]!.kind,
    alternatives,
    label: shapes.map((shape) => shape.choices?.join(' or ') ?? shape.label).join(' or '),
    choices: isClosed ? shapes.flatMap((shape) => shape.choices!) : undefined,
  }
}

/** Whether no text is a value of both. */
function areToldApart(a: Alternative, b: Alternative): boolean {
  if (a.choices && b.choices) return !a.choices.some((choice) => b.choices!.map(String).includes(String(choice)))
  if (!a.choices && !b.choices) return DISTINCT.some((pair) => pair.includes(a.kind) && pair.includes(b.kind))
  const [closed, open] = a.choices ? [a, b] : [b, a]
  return closed.choices!.every((choice) => !('value' in convertText(open.kind, String(choice))))
}

/** Kinds of which no text can be both. */
const DISTINCT: readonly (readonly Kind[])[] = [
  ['boolean', 'number'],
  ['boolean', 'bigint'],
  ['boolean', 'date'],
  ['date', 'number'],
  ['date', 'bigint'],
]

function arrayShape(item: unknown, depth: number): Shape {
  const shape = readShape(item, depth)
  if (shape.multiple) throw new UsageError('it is an array of arrays; a repeated flag makes one array')
  return { ...shape, multiple: true, acceptsNull: false, acceptsUndefined: false, defaultValue: undefined }
}

function lazyShape(schema: SchemaNode, depth: number): Shape {
  let inner: unknown
  try {
    inner = schema.getter?.(undefined)
  } catch {
    throw new UsageError('its lazy schema depends on the value, so it has no kind of its own')
  }
  return readShape(inner, depth)
}

function fixed(value: unknown): unknown {
  return typeof value === 'function' ? undefined : value
}
