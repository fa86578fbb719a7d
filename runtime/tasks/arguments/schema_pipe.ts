/** Reads the label, bounds, choices and description of a parameter from the items of a valibot pipe. */
import type { Choice, Kind, Shape } from './shape.ts'

export interface PipeItem {
  readonly kind: string
  readonly type: string
  readonly pipe?: readonly PipeItem[]
  readonly description?: string
  readonly title?: string
  readonly metadata?: { readonly description?: unknown; readonly title?: unknown; readonly secret?: unknown }
  readonly requirement?: unknown
  readonly options?: readonly unknown[]
  readonly literal?: unknown
}

/** Adds to the shape what its pipe says. The last description wins. Checks after a transformation are about another value. */
export function describe(shape: Shape, items: readonly PipeItem[]): Shape {
  let { choices, label, description, secret } = shape
  let transformed = false
  let min: string | undefined
  let max: string | undefined
  for (const item of items) {
    description = describedBy(item) ?? description
    secret ||= isSecret(item)
    transformed ||= item.kind === 'transformation' && !KEEPING.includes(item.type)
    if (transformed || shape.multiple) continue
    if (!shape.alternatives) choices ??= choicesOf(item, shape.kind)
    if (item.kind !== 'validation') continue
    if (choices === undefined) label = labelOfCheck(item.type) ?? label
    if (item.type === 'min_value') min = printable(item.requirement)
    if (item.type === 'max_value') max = printable(item.requirement)
  }
  if (min !== undefined && max !== undefined) label += `, ${min} to ${max}`
  else if (min !== undefined) label += `, at least ${min}`
  else if (max !== undefined) label += `, at most ${max}`
  return { ...shape, choices, label, description, secret }
}

/** The form of text that a check of this type requires; undefined if it requires none. */
export function labelOfCheck(type: string): string | undefined {
  return Object.hasOwn(LABELS, type) ? LABELS[type] : undefined
}

// --- internal ---

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

/** Transformations that keep the kind of the value. */
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

function describedBy(item: PipeItem): string | undefined {
  if (item.type === 'description') return item.description
  if (item.type === 'title') return item.title
  if (item.type !== 'metadata') return item.pipe?.map(describedBy).findLast((text) => text !== undefined)
  const { description, title } = item.metadata ?? {}
  return typeof description === 'string' ? description : typeof title === 'string' ? title : undefined
}

function isSecret(item: PipeItem): boolean {
  return item.type === 'metadata' ? item.metadata?.secret === true : (item.pipe?.some(isSecret) ?? false)
}

/** The choices of a later schema in the pipe, such as `v.pipe(v.string(), v.trim(), v.picklist([…]))`. */
function choicesOf({ kind, type, options, literal }: PipeItem, wanted: Kind): readonly Choice[] | undefined {
  const values =
    kind !== 'schema' ? [] : type === 'literal' ? [literal] : ['picklist', 'enum'].includes(type) ? options : []
  return values?.length && values.every((value) => typeof value === wanted) ? (values as Choice[]) : undefined
}

function printable(requirement: unknown): string | undefined {
  if (requirement instanceof Date) return requirement.toISOString()
  return typeof requirement === 'number' || typeof requirement === 'bigint' ? String(requirement) : undefined
}
