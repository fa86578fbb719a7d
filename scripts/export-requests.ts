/**
 * Export requests with requester, status, dates and the data fields you choose.
 *
 * Reads requests and their data and writes nothing, so you can run it at any time. Rows are written while they are read, in
 * the server's order, oldest first, so a million rows need no memory. At its end, even after an error, standard error shows
 * the `--from` that continues the export; a request may then come twice, with the same number. The names numericValue,
 * dateTimeValue and fileValue are assumed: compare RequestsWithData with your server's schema.
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
            'requests opened then or later; a day begins at 00:00 UTC, and a time without Z or an offset such as +01:00 is local',
          ),
        ),
      ),
      to: v.optional(v.pipe(v.date(), v.description('and opened before then'))),
      field: v.optional(v.pipe(v.array(v.string()), v.description('a data field to export as a column')), []),
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
    /** Fields that no request has had so far. */
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
      if (exported > 0) for (const field of missing) log.warn(`No request has the data ${field}; check its spelling.`)
    } finally {
      const next = (isComplete && to) || newest || from
      const count = exported === 1 ? '1 request' : `${exported} requests`
      const ended = `${isComplete ? 'Exported' : 'Stopped after'} ${count}.`
      if (!isComplete && !isOrdered)
        log.warn(`${ended} The server does not send the oldest first, so start again from the beginning.`)
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
