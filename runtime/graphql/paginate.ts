/** WorkflowGen's pages as one stream of items: pages are fetched ahead, and yielded in order. */
import { link } from '../deadline.ts'
import { WfgError } from '../errors.ts'
import type { Operation } from './document.ts'
import { label } from './failures.ts'
import { type PaginateOptions, type Variables, within } from './options.ts'
import { findPageList, type PageList } from './page_list.ts'

const DEFAULT_SIZE = 100
const DEFAULT_CONCURRENCY = 4

/**
 * @param fetchData sends the document with these variables and gives its data
 */
export async function* paginate(
  fetchData: (variables: Variables, signal: AbortSignal) => Promise<unknown>,
  operation: Operation,
  variables: Variables,
  options: PaginateOptions,
): AsyncGenerator<unknown, void, undefined> {
  const list = findPageList(operation, variables, options.path)
  const size = list.given.size ?? DEFAULT_SIZE
  const concurrency = within('concurrency', options.concurrency ?? DEFAULT_CONCURRENCY, 1, 100)
  const first = within('startPage', options.startPage ?? list.given.number ?? 1, 1, Number.MAX_SAFE_INTEGER)
  const rest = new AbortController()
  const unlink = link(rest, [options.signal])
  const ahead: Promise<Page>[] = []
  const seen = createSeen()
  let next = first
  let previous: Page | undefined
  const fetchNext = (): void => {
    const page = fetchData(list.variablesFor(next, size), rest.signal).then((data) => readPage(data, list))
    // Whoever breaks out of the loop leaves pages behind that nobody awaits.
    page.catch(() => {})
    ahead.push(page)
    next += 1
  }
  try {
    for (let number = first; ; number += 1) {
      rest.signal.throwIfAborted()
      if (ahead.length === 0) fetchNext()
      const page = await ahead.shift()!
      checkProgress(operation, number, page, previous)
      previous = page
      const last = lastPage(page, number, size)
      const more = page.items.length > 0 && (page.hasNextPage ?? number < last)
      if (more) {
        while (next <= last && ahead.length < concurrency) fetchNext()
        if (ahead.length === 0) fetchNext()
      }
      const fresh = page.items.filter((item) => seen.isNew(item))
      options.onPage?.({
        number,
        items: fresh.length,
        totalCount: page.totalCount,
        dropped: page.items.length - fresh.length,
      })
      yield* fresh
      if (!more) return
    }
  } finally {
    unlink()
    rest.abort()
  }
}

// --- internal ---

interface Page {
  readonly items: readonly unknown[]
  readonly totalCount: number | undefined
  /** Undefined where it was not selected or the server does not know. */
  readonly hasNextPage: boolean | undefined
}

function readPage(data: unknown, list: PageList): Page {
  let value: unknown = data
  for (const name of list.path) value = (value as Record<string, unknown> | null | undefined)?.[name]
  const { items, totalCount, hasNextPage } = (value ?? {}) as Record<string, unknown>
  return {
    items: Array.isArray(items) ? items.filter((item) => item !== null) : [],
    totalCount: typeof totalCount === 'number' ? totalCount : undefined,
    hasNextPage: typeof hasNextPage === 'boolean' ? hasNextPage : undefined,
  }
}

/** The last page by `totalCount`; servers may cap the size, so the size that was given counts, not the one asked for. */
function lastPage(page: Page, number: number, size: number): number {
  if (page.totalCount === undefined) return page.hasNextPage === undefined ? Number.POSITIVE_INFINITY : number
  const pageSize = page.hasNextPage && page.items.length > 0 ? Math.min(size, page.items.length) : size
  return Math.ceil(page.totalCount / pageSize)
}

/** A server that ignores the page number would be asked for ever. */
function checkProgress(operation: Operation, number: number, page: Page, previous: Page | undefined): void {
  if (!previous || page.items.length === 0 || fingerprint(page) !== fingerprint(previous)) return
  throw new WfgError(
    `Cannot page through the ${label({ operation })}: pages ${number - 1} and ${number} are the same, so the server seems to ignore the page number.`,
  )
}

function fingerprint({ items }: Page): string {
  return JSON.stringify([items.length, items[0], items.at(-1)])
}

/** Rows shift between pages when others write meanwhile; an `id` that was there already is the same row. */
function createSeen(): { isNew(item: unknown): boolean } {
  const ids = new Set<unknown>()
  return {
    isNew(item) {
      const id = typeof item === 'object' && item !== null ? (item as { id?: unknown }).id : undefined
      if (id === undefined || id === null) return true
      if (ids.has(id)) return false
      ids.add(id)
      return true
    },
  }
}
