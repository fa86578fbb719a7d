/** Lists: their order, and the pages of them. */
import { GraphQLError } from './graphql_library.ts'

/** A list whose entries are made when they are read. */
export interface Listing<Item> {
  readonly length: number
  at(index: number): Item
}

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
 * One page. A larger size than `maxSize` is cut to it, as if it had been asked for.
 *
 * @throws {GraphQLError} when the page's number or size is less than 1
 */
export function pageOf<Item>(list: Listing<Item>, page: Page | null | undefined, maxSize: number): Connection<Item> {
  const number = page?.number ?? 1
  const size = Math.min(page?.size ?? DEFAULT_PAGE_SIZE, maxSize)
  if (number < 1 || size < 1)
    throw new GraphQLError('Cannot read the page: its number and its size must be at least 1.')
  const start = (number - 1) * size
  const end = Math.min(start + size, list.length)
  const items: Item[] = []
  for (let index = start; index < end; index++) items.push(list.at(index))
  return {
    totalCount: list.length,
    hasNextPage: end < list.length && start < list.length,
    hasPreviousPage: number > 1,
    items,
  }
}

/** All of `items` as one page. */
export function wholeOf<Item>(items: readonly Item[]): Connection<Item> {
  return { totalCount: items.length, hasNextPage: false, hasPreviousPage: false, items }
}

export function listingOf<Key, Item>(keys: readonly Key[], make: (key: Key) => Item): Listing<Item> {
  return { length: keys.length, at: (index) => make(keys[index]!) }
}

/**
 * The keys of `items` in the order that was asked for; entries without a value come last, equal ones keep their order.
 *
 * @throws {GraphQLError} when there is no such field or direction
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
    throw new GraphQLError(`Cannot order by "${order.field}": it is none of ${Object.keys(fields).join(', ')}.`)
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
  throw new GraphQLError(`Cannot order in direction "${direction}": it is neither ASC nor DESC.`)
}

function compare(a: string | number | null, b: string | number | null, sign: number): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b ? -sign : sign
}
