/** Lists: their order, and their pages. */
import { GraphQLError } from './graphql_library.ts'

export interface Page {
  /** From 1. Default 1. */
  number?: number | null
  /** Default 50. */
  size?: number | null
}

export interface Order {
  field?: string | null
  /** `ASC` (default) or `DESC`. */
  direction?: string | null
}

export interface Connection<Item> {
  readonly totalCount: number
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly items: readonly Item[]
}

const DEFAULT_PAGE_SIZE = 50

/**
 * Returns one page of a list. `itemOf` makes an item from its key. A larger size than `maxSize` is cut to it.
 *
 * @throws {GraphQLError} if the page's number or size is less than 1
 */
export function pageOf<Key, Item>(
  keys: readonly Key[],
  page: Page | null | undefined,
  maxSize: number,
  itemOf: (key: Key) => Item,
): Connection<Item> {
  const number = page?.number ?? 1
  const size = Math.min(page?.size ?? DEFAULT_PAGE_SIZE, maxSize)
  if (number < 1 || size < 1)
    throw new GraphQLError('Cannot read the page: its number and its size must be at least 1.')
  const start = (number - 1) * size
  return {
    totalCount: keys.length,
    hasNextPage: start + size < keys.length,
    hasPreviousPage: number > 1,
    items: keys.slice(start, start + size).map(itemOf),
  }
}

/**
 * Returns the keys of `items` in the order asked for. Items without a value come last, equal ones keep their order.
 *
 * @throws {GraphQLError} if the field or the direction is unknown
 */
export function sortedKeys<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => number,
  fields: Record<string, (item: Item) => string | number | null>,
  order: Order | null | undefined,
): number[] {
  if (order?.field == null) return Array.from(items, keyOf)
  const orderBy = Object.hasOwn(fields, order.field) ? fields[order.field] : undefined
  if (!orderBy) {
    throw new GraphQLError(`Cannot order by "${order.field}": expected ${Object.keys(fields).join(', ')}.`)
  }
  const sign = signOf(order.direction ?? 'ASC')
  const entries = Array.from(items, (item) => ({ key: keyOf(item), value: orderBy(item) }))
  return entries.sort((a, b) => compare(a.value, b.value, sign)).map(({ key }) => key)
}

// --- internal ---

function signOf(direction: string): 1 | -1 {
  const name = direction.toUpperCase()
  if (name === 'ASC') return 1
  if (name === 'DESC') return -1
  throw new GraphQLError(`Cannot order in direction "${direction}": expected ASC or DESC.`)
}

function compare(a: string | number | null, b: string | number | null, sign: number): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b ? -sign : sign
}
