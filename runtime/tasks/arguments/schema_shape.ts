/** Reads how one member of a script's schema is typed on a command line. A valibot schema is plain data. */
import { UsageError } from '../../core/errors.ts'
import { convertText } from './convert.ts'
import { describe, type PipeItem } from './schema_pipe.ts'
import type { Alternative, Choice, Kind, Shape } from './shape.ts'

/** The members of a valibot schema that are read here. Its `type` decides which of them it has. */
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

/** @throws {UsageError} with the reason why this cannot be a flag; it follows the flag's name */
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

/** What a wrapper accepts in place of a value. */
const WRAPPERS: Readonly<Record<string, Partial<Shape>>> = {
  optional: { acceptsUndefined: true },
  exact_optional: { acceptsUndefined: true },
  undefinedable: { acceptsUndefined: true },
  nullable: { acceptsNull: true },
  nullish: { acceptsNull: true, acceptsUndefined: true },
  non_optional: { acceptsUndefined: false },
  non_nullable: { acceptsNull: false },
  non_nullish: { acceptsNull: false, acceptsUndefined: false },
}

function bare(schema: SchemaNode, depth: number): Shape {
  const { type, options = [] } = schema
  if (isKind(type))
    return { ...plain, kind: type, label: type === 'date' ? 'date, or with a time (YYYY-MM-DDThh:mmZ)' : type }
  if (WRAPPERS[type]) return wrapper(schema, depth, WRAPPERS[type])
  switch (type) {
    case 'literal':
      return literalShape(schema.literal)
    case 'picklist':
    case 'enum':
      if (options.length === 0) throw new UsageError('it has no choices')
      return combined(options.map(literalShape))
    case 'union':
      return unionShape(options, depth)
    case 'array':
      return arrayShape(schema.item, depth)
    case 'lazy':
      return lazyShape(schema, depth)
    default:
      throw new UsageError(`a flag cannot have the type ${type}; use ${ALLOWED}`)
  }
}

const ALLOWED =
  'string, number, boolean, bigint, date, picklist, enum, literal, a union of types that text tells apart, or an array of these'

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

/** The outermost wrapper that accepts undefined decides the default; if none does, the one that accepts null. */
function wrapper(schema: SchemaNode, depth: number, accepts: Partial<Shape>): Shape {
  const inner = readShape(schema.wrapped, depth)
  const own = accepts.acceptsUndefined || !inner.acceptsUndefined
  return { ...inner, ...accepts, defaultValue: own ? fixed(schema.default) : inner.defaultValue }
}

function literalShape(value: unknown): Shape {
  const kind = typeof value
  if (!isKind(kind)) throw new UsageError(`a flag cannot have the type ${kind}`)
  return { ...plain, kind, label: kind, choices: [value as Choice] }
}

/** Null and undefined in a union mean that the flag may be left out. */
function unionShape(options: readonly unknown[], depth: number): Shape {
  const isNothing = (type: string) => (option: unknown) => isSchema(option) && option.type === type
  const shapes = options
    .filter((option) => !isNothing('null')(option) && !isNothing('undefined')(option))
    .map((option) => readShape(option, depth))
  if (shapes.length === 0) throw new UsageError('its union has no type that a flag can have')
  return {
    ...combined(shapes.flatMap((shape) => shape.alternatives?.map((each) => ({ ...shape, ...each })) ?? shape)),
    acceptsNull: options.some(isNothing('null')) || shapes.some((shape) => shape.acceptsNull),
    acceptsUndefined: options.some(isNothing('undefined')) || shapes.some((shape) => shape.acceptsUndefined),
    description: shapes.length === 1 ? shapes[0]!.description : undefined,
    secret: shapes.some((shape) => shape.secret),
  }
}

/** Several shapes as one: those of one kind are merged, and typed text must tell the kinds apart. */
function combined(shapes: readonly Shape[]): Shape {
  const merged = [...new Set(shapes.map(nameOf))].map((name): Shape => {
    const group = shapes.filter((shape) => nameOf(shape) === name)
    const choices = group.every((shape) => shape.choices) && [...new Set(group.flatMap((shape) => shape.choices!))]
    const label = [...new Set(group.map((shape) => shape.label))].join(' or ')
    return { ...group[0]!, label, choices: choices || undefined }
  })
  if (merged.length === 1) return merged[0]!
  const alternatives = merged.map(({ kind, choices }) => ({ kind, choices }))
  const isClear = alternatives.every((a, index) => alternatives.slice(index + 1).every((b) => areToldApart(a, b)))
  if (shapes.some((shape) => shape.multiple) || !isClear) {
    throw new UsageError(`it has several types (${merged.map(nameOf).join(', ')}) that typed text does not tell apart`)
  }
  return {
    ...plain,
    kind: merged[0]!.kind,
    alternatives,
    label: merged.map((shape) => shape.choices?.join(' or ') ?? shape.label).join(' or '),
    choices: merged.every((shape) => shape.choices) ? merged.flatMap((shape) => shape.choices!) : undefined,
  }
}

function nameOf({ kind, multiple }: Pick<Shape, 'kind' | 'multiple'>): string {
  return multiple ? `array of ${kind}` : kind
}

/** True if no text is a value of both. */
function areToldApart(a: Alternative, b: Alternative): boolean {
  if (a.choices && b.choices) return !a.choices.some((choice) => b.choices!.map(String).includes(String(choice)))
  const kinds = [a.kind, b.kind]
  if (!a.choices && !b.choices)
    return !kinds.includes('string') && !(kinds.includes('number') && kinds.includes('bigint'))
  const [closed, open] = a.choices ? [a, b] : [b, a]
  return closed.choices!.every((choice) => !('value' in convertText(open.kind, String(choice))))
}

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
    throw new UsageError('its lazy schema depends on the value, so its type is not known before')
  }
  return readShape(inner, depth)
}

function fixed(value: unknown): unknown {
  return typeof value === 'function' ? undefined : value
}
