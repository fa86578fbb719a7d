/** A transport that answers like a server with a paged list. It counts the requests, and how many run at once. */
import { setTimeout } from 'node:timers/promises'
import { type Transport, TransportFailure, type TransportRequest } from '../../runtime/transport/transport.ts'
import { sentOf } from './_client.ts'

export interface PageQuestion {
  readonly number: number
  readonly size: number
  readonly variables: Record<string, unknown>
  readonly query: string
}

export interface PagedTransport extends Transport {
  /** Requested page numbers, in order. */
  readonly asked: readonly number[]
  /** Requested sizes. */
  readonly sizes: readonly number[]
  readonly maxInFlight: number
  /** Numbers of the pages whose requests were aborted. */
  readonly aborted: readonly number[]
}

/** @param answer returns the `data` of a page, or a promise to delay it */
export function pagedTransport(answer: (question: PageQuestion) => unknown): PagedTransport {
  const asked: number[] = []
  const sizes: number[] = []
  const aborted: number[] = []
  let inFlight = 0
  let maxInFlight = 0
  return {
    asked,
    sizes,
    aborted,
    get maxInFlight() {
      return maxInFlight
    },
    async send(request) {
      const question = questionOf(request)
      asked.push(question.number)
      sizes.push(question.size)
      inFlight += 1
      maxInFlight = Math.max(maxInFlight, inFlight)
      try {
        const data = await Promise.race([answer(question), abortOf(request.signal)])
        await setTimeout(0)
        return { status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify({ data })) }
      } catch (error) {
        if (request.signal.aborted) aborted.push(question.number)
        throw error
      } finally {
        inFlight -= 1
      }
    },
    close() {},
  }
}

export interface Listing {
  /** Largest page size of the server. */
  maxSize?: number
  hasNextPage?: (question: { number: number; honest: boolean }) => boolean | null | undefined
  totalCount?: (honest: number) => number | null | undefined
  /** The default size. */
  defaultSize?: number
}

/** One page of `items`, like WorkflowGen's. */
export function pageOf(items: readonly unknown[], { number, size }: PageQuestion, listing: Listing = {}): object {
  const { maxSize = Number.POSITIVE_INFINITY, defaultSize = 10 } = listing
  const real = Math.min(size || defaultSize, maxSize)
  const honest = number * real < items.length
  const hasNextPage = listing.hasNextPage ? listing.hasNextPage({ number, honest }) : honest
  const totalCount = listing.totalCount ? listing.totalCount(items.length) : items.length
  return { items: items.slice((number - 1) * real, number * real), hasNextPage, totalCount }
}

export function rows(count: number): { id: string; n: number }[] {
  return Array.from({ length: count }, (_, index) => ({ id: `id-${index + 1}`, n: index + 1 }))
}

// --- internal ---

function questionOf(request: TransportRequest): PageQuestion {
  const { query, variables = {} } = sentOf(String(request.body))
  const whole = Object.values(variables).find(
    (value) => typeof value === 'object' && value !== null && 'number' in value,
  )
  const { number, size } = (whole ?? { number: variables['page'], size: variables['size'] }) as Record<string, number>
  return { number: number ?? 0, size: size ?? 0, variables, query }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(new TransportFailure('exchange', 'ABORTED', 'the call was ended'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
  })
}
