/** Reads WorkflowGen's pages: fetches them ahead, and yields them in order. */
import { isDeepStrictEqual } from 'node:util'
import { link } from '../../core/deadline.ts'
import { GraphQLExecutionError, GraphQLRequestError, UsageError, WfgError } from '../../core/errors.ts'
import { label } from '../client/call_errors.ts'
import { checkWholeNumber, type PaginateOptions, type Variables } from '../client/options.ts'
import type { Operation } from '../document/operation.ts'
import { findPageList, type PageList } from './page_list.ts'
import { createSeenIds } from './seen_ids.ts'

const DEFAULT_SIZE = 100
const DEFAULT_CONCURRENCY = 4

/**
 * Yields the new items of each page.
 *
 * @param fetchData sends the document with these variables and returns the data
 * @param turn see `Host.turn()`
 */
export async function* paginate(
  fetchData: (variables: Variables, signal: AbortSignal) => Promise<unknown>,
  turn: () => Promise<void>,
  operation: Operation,
  variables: Variables,
  options: PaginateOptions,
): AsyncGenerator<readonly unknown[], void, undefined> {
  if (operation.kind === 'mutation') {
    throw new UsageError(
      `Cannot page through the ${label({ operation })}: it would be executed once for every page; expected a query.`,
    )
  }
  const list = findPageList(operation, variables, options.path)
  const size = list.given.size ?? DEFAULT_SIZE
  /** The server's largest page so far: it may limit the size. */
  let pageSize = 0
  const concurrency = checkWholeNumber('concurrency', options.concurrency ?? DEFAULT_CONCURRENCY, 1, 100)
  const first = checkWholeNumber('startPage', options.startPage ?? list.given.number ?? 1, 1, Number.MAX_SAFE_INTEGER)
  const rest = new AbortController()
  const unlink = link(rest, [options.signal])
  const ahead: Promise<Page>[] = []
  const idOf = idReader(list.names.id)
  const seen = createSeenIds()
  // Rows move between pages when others write at the same time. The same `id` is the same row.
  const isNew = (item: unknown): boolean => {
    const id = idOf(item)
    return id === undefined || seen.add(id)
  }
  let next = first
  let previous: Page | undefined
  const fetchPage = async (number: number): Promise<Page> =>
    readPage(await fetchData(list.variablesFor(number, size), rest.signal), list)
  const fetchNext = (): void => {
    const page = fetchPage(next)
    // When the loop is left early, nobody awaits the pages ahead.
    page.catch(() => {})
    ahead.push(page)
    next += 1
  }
  let obeysNumber = false
  try {
    for (let number = first; ; number += 1) {
      rest.signal.throwIfAborted()
      if (ahead.length === 0) fetchNext()
      const page = await ahead.shift()!
      if (page.isMissing && previous?.hasNextPage === true) throw missingPage(operation, list, number)
      pageSize = Math.max(pageSize, page.count)
      const last = lastPage(page, number, { asked: size, real: pageSize })
      const more = page.count > 0 && (page.hasNextPage === true || number < last)
      if (more) {
        if (page.totalCount !== undefined && page.hasNextPage !== false) {
          while (next <= last && ahead.length < concurrency) fetchNext()
        }
        if (ahead.length === 0) fetchNext()
        // The server works on the next pages while the caller has this one.
        await turn()
      }
      const fresh = page.items.filter(isNew)
      const isRepeated = (page.items.length > 0 && fresh.length === 0) || isSamePage(page, previous, idOf)
      if (more && isRepeated && !obeysNumber) {
        if (await isThere(fetchPage(number + FAR))) throw ignoredNumber(operation, number)
        obeysNumber = true
      }
      previous = page
      options.onPage?.({
        number,
        items: fresh.length,
        totalCount: page.totalCount,
        dropped: page.items.length - fresh.length,
      })
      yield fresh
      if (!more) return
    }
  } finally {
    unlink()
    rest.abort()
  }
}

// --- internal ---

interface Page {
  /** True if the response has no list at the path. */
  readonly isMissing: boolean
  /** Number of items, nulls included. */
  readonly count: number
  readonly items: readonly unknown[]
  readonly totalCount: number | undefined
  /** Undefined if it is not selected or null. */
  readonly hasNextPage: boolean | undefined
}

/** Without this error, the missing list would look like the end. */
function missingPage(operation: Operation, list: PageList, number: number): WfgError {
  return new WfgError(
    `Cannot page through the ${label({ operation })}: page ${number} has no list at ${JSON.stringify(list.path.join('.'))}, ` +
      'although the page before it said that there is one; the items so far are not all.',
  )
}

function readPage(data: unknown, list: PageList): Page {
  let value: unknown = data
  for (const name of list.path) {
    value = (value as Record<string, unknown> | null | undefined)?.[name]
    if (!Array.isArray(value)) continue
    throw new UsageError(
      `Cannot page through ${JSON.stringify(list.path.join('.'))}: ${JSON.stringify(name)} is a list, and each of its ` +
        'entries has its own pages; expected one entry. Query the entries one by one.',
    )
  }
  const fields = (value ?? {}) as Record<string, unknown>
  const { [list.names.items]: items, [list.names.totalCount]: total, [list.names.hasNextPage]: hasNext } = fields
  const places: unknown[] = Array.isArray(items) ? items : []
  return {
    isMissing: !Array.isArray(items),
    count: places.length,
    items: places.filter((item) => item !== null),
    totalCount: typeof total === 'number' ? total : undefined,
    hasNextPage: typeof hasNext === 'boolean' ? hasNext : undefined,
  }
}

/**
 * Returns the number of the last page, as of this one. If `totalCount` and `hasNextPage` contradict each other, the one that
 * promises more pages counts. An empty page is always the end.
 */
function lastPage(page: Page, number: number, size: { asked: number; real: number }): number {
  const { totalCount, hasNextPage } = page
  if (totalCount === undefined) return hasNextPage === undefined ? Number.POSITIVE_INFINITY : number
  if (hasNextPage === false && (number - 1) * size.real + page.count >= totalCount) return number
  return size.real === 0 ? number : Math.ceil(totalCount / size.real)
}

/**
 * A page so far ahead must be empty, unless the server ignores the page number and always returns the same page. Equal
 * pages alone are no proof, because real pages may be equal.
 */
const FAR = 1_000_000

/** True if a page beyond the end has rows and may have more after it. An error shows that the server reads the number. */
async function isThere(far: Promise<Page>): Promise<boolean> {
  try {
    const { count, hasNextPage } = await far
    return count > 0 && hasNextPage !== false
  } catch (error) {
    if (error instanceof GraphQLExecutionError || error instanceof GraphQLRequestError) return false
    throw error
  }
}

function ignoredNumber(operation: Operation, number: number): WfgError {
  return new WfgError(
    `Cannot page through the ${label({ operation })}: page ${number} repeats earlier items, and page ${number + FAR} ` +
      'has rows as well, so the server seems to ignore the page number; the items so far may be repeated and are not all.',
  )
}

function isSamePage({ items }: Page, previous: Page | undefined, idOf: IdOf): boolean {
  return idOf(items[0]) === undefined && isDeepStrictEqual(items, previous?.items)
}

type IdOf = (item: unknown) => unknown

function idReader(name: string | undefined): IdOf {
  if (name === undefined) return () => undefined
  return (item) =>
    typeof item === 'object' && item !== null ? ((item as Record<string, unknown>)[name] ?? undefined) : undefined
}
