/**
 * Export requests with requester, status, dates and chosen data fields, a column each.
 *
 * Reads requests and their data and writes nothing, so it may be run at any time. Rows come in the server's order, oldest
 * first, while they are read: a million need no memory. However it ends, standard error says which `--from` continues it;
 * requests are told apart by their number. The values of data fields other than texts are read by assumed names
 * (numericValue, dateTimeValue, fileValue): compare RequestsWithData with your server's schema.
 */
import * as v from 'valibot'
import { defineScript, gql } from '#wfg'

const Requests = gql(`
  query Requests($page: Int, $size: Int, $since: DateTime) {
    requests(page: { number: $page, size: $size }, filter: { createdSince: $since }) {
      totalCount
      hasNextPage
      items {
        id
        number
        description
        status
        openedAt
        closedAt
        requester {
          userName
        }
      }
    }
  }
`)

const RequestsWithData = gql(`
  query RequestsWithData($page: Int, $size: Int, $since: DateTime, $fields: [String!]) {
    requests(page: { number: $page, size: $size }, filter: { createdSince: $since }) {
      totalCount
      hasNextPage
      items {
        id
        number
        description
        status
        openedAt
        closedAt
        requester {
          userName
        }
        dataset(filter: { names: $fields }) {
          items {
            name
            textValue
            numericValue
            dateTimeValue
            fileValue {
              name
            }
          }
        }
      }
    }
  }
`)

interface Request {
  number: number | null
  description: string | null
  status: string | null
  openedAt: string | null
  closedAt: string | null
  requester: { userName: string | null } | null
  dataset?: { items: (Data | null)[] | null } | null
}

interface Data {
  name: string | null
  textValue: string | null
  numericValue: number | null
  dateTimeValue: string | null
  fileValue: { name: string | null } | null
}

export default defineScript({
  args: v.pipe(
    v.object({
      from: v.optional(
        v.pipe(
          v.date(),
          v.description(
            'requests opened then or later; a day begins at 00:00 UTC, and a time without Z or +01:00 at its end is local',
          ),
        ),
      ),
      to: v.optional(v.pipe(v.date(), v.description('and before then'))),
      field: v.optional(v.pipe(v.array(v.string()), v.description('a data field, which becomes a column')), []),
    }),
    v.check(({ from, to }) => !from || !to || from < to, '--to needs to be later than --from'),
  ),
  examples: [
    '--from 2026-10-01 --to 2026-11-01 --out october.csv',
    '--from 2026-11-01 --field AMOUNT --field SUPPLIER --format csv',
  ],
  async *run({ args, wfg, log, progress }) {
    const { from, to, field: fields } = args
    const document = fields.length === 0 ? Requests : RequestsWithData
    const requests: AsyncIterable<Request> = wfg.paginate(document, { since: from?.toISOString(), fields })
    let exported = 0
    let newest: Date | undefined
    let isOrdered = true
    let isComplete = false
    /** Fields that no request had so far. */
    const missing = new Set(fields)
    try {
      for await (const request of requests) {
        const openedAt = new Date(request.openedAt ?? 0)
        if ((from && openedAt < from) || (to && openedAt >= to)) continue
        if (newest && openedAt < newest) isOrdered = false
        else newest = openedAt
        for (const data of request.dataset?.items ?? []) if (data?.name) missing.delete(data.name)
        progress(++exported)
        yield rowOf(request, fields)
      }
      isComplete = true
      if (exported > 0) for (const field of missing) log.warn(`No request has data ${field}: is it misspelt?`)
    } finally {
      const next = (isComplete && to) || newest || from
      const count = exported === 1 ? '1 request' : `${exported} requests`
      const ended = `${isComplete ? 'Exported' : 'Stopped after'} ${count}.`
      if (!isComplete && !isOrdered) log.warn(`${ended} The server does not give the oldest first: start over.`)
      else log(next ? `${ended} Continue with --from ${next.toISOString()}` : ended)
    }
  },
})

// --- internal ---

function rowOf(request: Request, fields: readonly string[]) {
  const data = new Map(request.dataset?.items?.map((item) => [item?.name, item]))
  return {
    request: request.number,
    description: request.description,
    status: request.status,
    requester: request.requester?.userName ?? null,
    opened: request.openedAt,
    closed: request.closedAt,
    ...Object.fromEntries(fields.map((field) => [field, fieldValue(data.get(field))])),
  }
}

function fieldValue(data: Data | null | undefined): string | number | null {
  return data?.textValue ?? data?.numericValue ?? data?.dateTimeValue ?? data?.fileValue?.name ?? null
}
