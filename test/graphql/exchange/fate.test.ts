/**
 * Every status that anybody uses, and every tenth of the others, with every kind of answer. The server has executed what it may have executed, so a second request for the same
 * entry would be seen in its count.
 */
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  AuthorizationError,
  GraphQLRequestError,
  OutcomeUnknownError,
  TransportError,
} from '../../../runtime/core/errors.ts'
import type { BulkOutcome, Wfg } from '../../../runtime/graphql/client/wfg.ts'
import { bulkClient, CREATE, withJournal } from '../_bulk.ts'
import { clientOf } from '../_client.ts'

const fate = suite('fate')

type Body = 'nothing' | 'page' | 'errors' | 'data'
type Fate = 'renewed' | 'resent' | 'refused' | 'unknown' | 'executed'

interface Case {
  /** Which entry it is. */
  readonly n: number
  readonly status: number
  readonly body: Body
  readonly retryAfter: boolean
  readonly fate: Fate
}

const BODIES: readonly Body[] = ['nothing', 'page', 'errors', 'data']
const REFUSED_BY_ANYBODY = [400, 404, 405, 411, 413, 414, 415, 431]

/** Numbers that nobody has given a meaning. */
const isUnused = (status: number) =>
  [
    [310, 399],
    [452, 493],
    [531, 597],
  ].some(([from, to]) => status >= from! && status <= to!)
const STATUSES = Array.from({ length: 300 }, (_, index) => 300 + index).filter(
  (status) => !isUnused(status) || status % 10 === 3,
)

const CASES: readonly Case[] = STATUSES.flatMap((status) =>
  BODIES.flatMap((body) =>
    [false, true].map((retryAfter) => {
      const n = ((status - 300) * 4 + BODIES.indexOf(body)) * 2 + Number(retryAfter)
      // An answer with this status has no body (RFC 9110 section 15.4.5).
      return { n, status, body, retryAfter, fate: fateOf(status, status === 304 ? 'nothing' : body) }
    }),
  ),
)

const BY_ENTRY: ReadonlyMap<number, Case> = new Map(CASES.map((given) => [given.n, given]))
/** Above all entries that have a case. */
const OTHERS = 10_000

function fateOf(status: number, body: Body): Fate {
  if (body === 'data') return 'executed'
  if (status === 401) return 'renewed'
  if (status === 429) return 'resent'
  if (body === 'errors') return status < 500 ? 'refused' : 'unknown'
  return status < 400 || REFUSED_BY_ANYBODY.includes(status) ? 'refused' : 'unknown'
}

/** The end of a repeated call, the number of requests, and their number for an upload. */
const ENDS: Readonly<Record<Fate, (given: Case) => readonly [error: unknown, sent: number, uploaded: number]>> = {
  renewed: () => [AuthorizationError, 2, 2],
  resent: ({ body }) => [[TransportError, body === 'errors' ? GraphQLRequestError : TransportError], 3, 1],
  refused: ({ status, body }) => {
    const graphql = status === 403 ? AuthorizationError : GraphQLRequestError
    return [body === 'errors' && status !== 304 ? graphql : TransportError, 1, 1]
  },
  unknown: () => [OutcomeUnknownError, 1, 1],
  executed: () => [undefined, 1, 1],
}

fate('wfg() executes a call at most once, and reports what is known', async () => {
  await withServer(async ({ url, executions, requests }) => {
    const { wfg, close } = clientOf(url)
    await inParallel(CASES, async (given) => {
      const [error, sent] = ENDS[given.fate](given)
      assert.is(await failureOf(wfg(CREATE, { n: given.n })), Array.isArray(error) ? error[0] : error, titleOf(given))
      assert.is(requests.get(given.n), sent, titleOf(given))
      assert.is(executions.get(given.n) ?? 0, isExecuted(given) ? 1 : 0, titleOf(given))
    })
    close()
  })
})

fate('wfg() executes an upload at most once, and sends it again only after a 401', async () => {
  await withServer(async ({ url, executions, requests }) => {
    const { wfg, close } = clientOf(url)
    const document = 'mutation Create($n: Int!, $file: Upload) { create(n: $n, file: $file) { n } }'
    await inParallel(CASES, async (given) => {
      const [error, , uploaded] = ENDS[given.fate](given)
      const call = wfg(document, { n: given.n, file: new Blob(['content']) })
      assert.is(await failureOf(call), Array.isArray(error) ? error[1] : error, titleOf(given))
      assert.is(requests.get(given.n), uploaded, titleOf(given))
      assert.is(executions.get(given.n) ?? 0, isExecuted(given) ? 1 : 0, titleOf(given))
    })
    close()
  })
})

/** A journal takes time, so `Retry-After` comes with every tenth status only. */
function isOneOfMany({ status, retryAfter }: Case): boolean {
  return !retryAfter || status % 10 === 3 || status === 429
}

/** Responses that end a run: a refused token, a 403, a wrong address. */
function endsRun({ status, body, fate: given }: Case): boolean {
  if (status === 401 || status === 403) return body !== 'data'
  return given === 'refused' && (body !== 'errors' || status === 304) && (status < 400 || [404, 405].includes(status))
}

fate('two bulk runs with a journal execute each entry at most once, and refused ones once', async () => {
  const cases = CASES.filter((given) => !endsRun(given) && isOneOfMany(given))
  await withServer(async (server) => {
    await withJournal(async (journal) => {
      const first = await bulkOf(server.url, cases, journal)
      assert.is(first.thrown, undefined)
      for (const [index, given] of cases.entries()) {
        const { status } = first.outcomes[index]!
        const known = given.fate === 'resent' || given.fate === 'executed' ? 'done' : 'failed'
        assert.is(status, given.fate === 'unknown' ? 'unknown' : known, titleOf(given))
        const [, sent] = ENDS[given.fate](given)
        assert.is(server.requests.get(given.n), given.fate === 'resent' ? sent + 1 : sent, titleOf(given))
      }
      server.heal()
      const second = await bulkOf(server.url, cases, journal)
      for (const [index, given] of cases.entries()) {
        const was = first.outcomes[index]!.status
        const expected = was === 'done' ? 'skipped' : was === 'failed' ? 'done' : 'unknown'
        assert.is(second.outcomes[index]?.status, expected, titleOf(given))
        assert.is(server.executions.get(given.n), 1, titleOf(given))
      }
    })
  })
})

fate('two bulk runs execute each entry at most once when the first ends at its first response', async () => {
  const cases = CASES.filter((given) => endsRun(given) && isOneOfMany(given))
  await withServer(async (server) => {
    await withJournal(async (_, folder) => {
      const runs = async (isFirst: boolean) =>
        inParallel(cases, async (given) => {
          // The second entry is one that is executed.
          const next = { n: OTHERS + given.n }
          // A new journal reads those beside it, so each has a folder of its own.
          const journal = join(folderOf(join(folder, String(given.n))), 'bulk.ndjson')
          const { outcomes, thrown } = await bulkOf(server.url, [given, next], journal, 1)
          const statuses = outcomes.map(({ status }) => status).join(' ')
          const isUnknown = given.fate === 'unknown'
          if (isFirst) {
            assert.ok(thrown, titleOf(given))
            assert.is(statuses, `${isUnknown ? 'unknown' : 'unsent'} unsent`, titleOf(given))
            assert.is(server.requests.get(next.n), undefined, titleOf(given))
          } else assert.is(statuses, `${isUnknown ? 'unknown' : 'done'} done`, titleOf(given))
          assert.is(server.executions.get(given.n) ?? 0, isUnknown || !isFirst ? 1 : 0, titleOf(given))
        })
      await runs(true)
      server.heal()
      await runs(false)
    })
  })
})

// --- internal ---

function folderOf(path: string): string {
  mkdirSync(path, { recursive: true })
  return path
}

function isExecuted({ fate: given }: Case): boolean {
  return given === 'unknown' || given === 'executed'
}

function titleOf({ status, body, retryAfter }: Case): string {
  return `${status} with ${body}${retryAfter ? ' and Retry-After' : ''}`
}

async function failureOf(call: ReturnType<Wfg>): Promise<unknown> {
  try {
    await call
    return undefined
  } catch (error) {
    return (error as Error).constructor
  }
}

async function inParallel(cases: readonly Case[], each: (given: Case) => Promise<void>): Promise<void> {
  const left = [...cases]
  const work = async (): Promise<void> => {
    for (let given = left.shift(); given; given = left.shift()) await each(given)
  }
  await Promise.all(Array.from({ length: 16 }, work))
}

async function bulkOf(
  url: string,
  list: readonly { n: number }[],
  journal: string,
  concurrency = 4,
): Promise<{ outcomes: BulkOutcome[]; thrown: unknown }> {
  const { wfg, close } = bulkClient(url)
  const outcomes: BulkOutcome[] = []
  try {
    const options = { journal, batchSize: 1, concurrency }
    for await (const outcome of wfg.bulk(
      CREATE,
      list.map(({ n }) => ({ n })),
      options,
    ))
      outcomes.push(outcome)
    return { outcomes, thrown: undefined }
  } catch (thrown) {
    return { outcomes, thrown }
  } finally {
    close()
  }
}

interface FateServer {
  readonly url: string
  /** By entry. */
  readonly executions: ReadonlyMap<number, number>
  readonly requests: ReadonlyMap<number, number>
  /** Executes everything from now on. */
  heal(): void
}

const PAGE = '<!DOCTYPE html><html><head><title>Sorry</title></head></html>'

/**
 * Answers an entry as its case says, after it executed it if that cannot be excluded. Executes what comes after three answers
 * of 429, and answers every query.
 */
async function withServer(action: (server: FateServer) => Promise<void>): Promise<void> {
  const executions = new Map<number, number>()
  const requests = new Map<number, number>()
  let isHealed = false
  const count = (counts: Map<number, number>, n: number) => counts.set(n, (counts.get(n) ?? 0) + 1)
  const http = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const json = (status: number, body: object) =>
      response.writeHead(status, { ...retryAfter, 'content-type': 'application/json' }).end(JSON.stringify(body))
    const retryAfter: Record<string, string> = {}
    if (!text.includes('mutation')) return json(200, { data: { __typename: 'Query' } })
    const n = Number(/"n":(\d+)/.exec(text)![1])
    count(requests, n)
    const given = BY_ENTRY.get(n)
    const data = { data: { create: { n } } }
    const isOver = isHealed || !given || (given.status === 429 && requests.get(n)! > 3)
    if (isOver || isExecuted(given)) count(executions, n)
    if (isOver) return json(200, data)
    if (given.retryAfter) retryAfter['retry-after'] = '1'
    if (given.body === 'data') return json(given.status, data)
    if (given.body === 'errors') return json(given.status, { errors: [{ message: 'broken' }] })
    return response
      .writeHead(given.status, { ...retryAfter, 'content-type': 'text/html' })
      .end(given.body === 'page' ? PAGE : '')
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  try {
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    const heal = () => {
      isHealed = true
    }
    await action({ url, executions, requests, heal })
  } finally {
    http.closeAllConnections()
    http.close()
  }
}

fate.run()
