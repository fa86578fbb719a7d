/** What one member of a script's schema looks like on a command line: read from the schema, which is plain data. */
import { UsageError } from '../errors.ts'

export type Kind = 'string' | 'number' | 'boolean' | 'bigint' | 'date'

export type Choice = string | number | bigint | boolean

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

export interface Shape {
  readonly kind: Kind
  /** What a value is called in help, e.g. `date (YYYY-MM-DD)`. */
  readonly label: string
  readonly choices: readonly Choice[] | undefined
  readonly multiple: boolean
  readonly acceptsNull: boolean
  readonly acceptsUndefined: boolean
  /** A fixed default; one that is computed is not shown. */
  readonly defaultValue: unknown
  readonly description: string | undefined
}

/** @throws {UsageError} whose message says why this cannot be a flag, to be put behind the flag's name */
export function readShape(schema: unknown, depth = 0): Shape {
  if (!isSchema(schema)) throw new UsageError('it is no valibot schema')
  if (depth > MAX_DEPTH) throw new UsageError('its schema contains itself')
  const inner = schema.pipe
    ? describe(readShape(schema.pipe[0], depth + 1), schema.pipe.slice(1))
    : bare(schema, depth + 1)
  return { ...inner, defaultValue: fixed(schema.fallback) ?? inner.defaultValue }
}

/** What a check of that type says about the form of a text; undefined where it says nothing. */
export function labelOfCheck(type: string): string | undefined {
  return Object.hasOwn(LABELS, type) ? LABELS[type] : undefined
}

export function isSchema(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && (value as SchemaNode).kind === 'schema'
}

// --- internal ---

const MAX_DEPTH = 32

interface PipeItem {
  readonly kind: string
  readonly type: string
  readonly pipe?: readonly PipeItem[]
  readonly description?: string
  readonly title?: string
  readonly metadata?: { readonly description?: unknown; readonly title?: unknown }
  readonly requirement?: unknown
}

const KINDS: readonly string[] = ['string', 'number', 'boolean', 'bigint', 'date'] satisfies Kind[]

/** What a check says about the form of a value. */
const LABELS: Readonly<Record<string, string>> = {
  iso_date: 'date (YYYY-MM-DD)',
  iso_date_time: 'date and time (YYYY-MM-DDThh:mm)',
  iso_date_time_second: 'date and time (YYYY-MM-DDThh:mm:ss)',
  iso_timestamp: 'timestamp (YYYY-MM-DDThh:mm:ssZ)',
  iso_time: 'time (hh:mm)',
  iso_time_second: 'time (hh:mm:ss)',
  iso_week: 'week (YYYY-Www)',
  email: 'e-mail address',
  rfc_email: 'e-mail address',
  url: 'URL',
  uuid: 'UUID',
  integer: 'whole number',
  safe_integer: 'whole number',
}

function bare(schema: SchemaNode, depth: number): Shape {
  const { type } = schema
  if (KINDS.includes(type))
    return { ...plain, kind: type as Kind, label: type === 'date' ? 'date, or with a time (YYYY-MM-DDThh:mmZ)' : type }
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
  'string, number, boolean, bigint, date, picklist, enum, literal, unions of one kind, and arrays of these'

const plain = {
  choices: undefined,
  multiple: false,
  acceptsNull: false,
  acceptsUndefined: false,
  defaultValue: undefined,
  description: undefined,
} satisfies Partial<Shape>

function wrapper(schema: SchemaNode, depth: number, accepts: Partial<Shape>): Shape {
  const inner = readShape(schema.wrapped, depth)
  return { ...inner, ...accepts, defaultValue: fixed(schema.default) ?? inner.defaultValue }
}

function choiceShape(values: readonly unknown[]): Shape {
  const kinds = new Set(values.map((value) => typeof value))
  const [kind] = kinds
  if (values.length === 0) throw new UsageError('it has no choices')
  if (kinds.size > 1)
    throw new UsageError(`its choices are of several kinds (${[...kinds].join(', ')}), and a flag has one`)
  if (!KINDS.includes(kind!)) throw new UsageError(`${kind} is no kind of value that a flag can have`)
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
  const kinds = new Set(shapes.map((shape) => (shape.multiple ? `array of ${shape.kind}` : shape.kind)))
  if (kinds.size > 1)
    throw new UsageError(`its union is of several kinds (${[...kinds].join(', ')}), and a flag has one`)
  const labels = new Set(shapes.map((shape) => shape.label))
  return {
    ...first,
    label: labels.size > 1 ? [...labels].join(' or ') : first.label,
    choices: shapes.every((shape) => shape.choices)
      ? [...new Set(shapes.flatMap((shape) => shape.choices!))]
      : undefined,
    acceptsNull: options.some(isNothing('null')) || shapes.some((shape) => shape.acceptsNull),
    acceptsUndefined: options.some(isNothing('undefined')) || shapes.some((shape) => shape.acceptsUndefined),
    description: shapes.length === 1 ? first.description : undefined,
  }
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
    throw new UsageError('its lazy schema depends on the value, so it has no kind of its own')
  }
  return readShape(inner, depth)
}

/** Transformations after which the value is still what was typed. */
const KEEPING = [
  'readonly',
  'brand',
  'flavor',
  'trim',
  'trim_start',
  'trim_end',
  'to_lower_case',
  'to_upper_case',
  'normalize',
]

/** A later item of a pipe speaks for the whole; what follows a transformation is about another value. */
function describe(shape: Shape, items: readonly PipeItem[]): Shape {
  let { label, description } = shape
  let transformed = false
  let min: string | undefined
  let max: string | undefined
  for (const item of items) {
    description = describedBy(item) ?? description
    transformed ||= item.kind === 'transformation' && !KEEPING.includes(item.type)
    if (transformed || item.kind !== 'validation' || shape.multiple) continue
    if (shape.choices === undefined) label = labelOfCheck(item.type) ?? label
    if (item.type === 'min_value') min = printable(item.requirement)
    if (item.type === 'max_value') max = printable(item.requirement)
  }
  if (min !== undefined && max !== undefined) label += `, ${min} to ${max}`
  else if (min !== undefined) label += `, at least ${min}`
  else if (max !== undefined) label += `, at most ${max}`
  return { ...shape, label, description }
}

function describedBy(item: PipeItem): string | undefined {
  if (item.type === 'description') return item.description
  if (item.type === 'title') return item.title
  if (item.type !== 'metadata') return item.pipe?.map(describedBy).findLast((text) => text !== undefined)
  const { description, title } = item.metadata ?? {}
  return typeof description === 'string' ? description : typeof title === 'string' ? title : undefined
}

function printable(requirement: unknown): string | undefined {
  if (requirement instanceof Date) return requirement.toISOString()
  return typeof requirement === 'number' || typeof requirement === 'bigint' ? String(requirement) : undefined
}

function fixed(value: unknown): unknown {
  return typeof value === 'function' ? undefined : value
}
