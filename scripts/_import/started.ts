/** Finds the requests that rows of a table have started, when the response was lost. */
import { gql, isWfgError, UsageError, type Wfg } from '#wfg'
import type { Parameter } from './columns.ts'

const Started = gql(`
  query Started($page: Int, $size: Int, $process: String!, $since: DateTime!, $fields: [String!]) {
    requests(page: { number: $page, size: $size }, filter: { processName: $process, createdSince: $since }) {
      totalCount
      hasNextPage
      items {
        id
        number
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

const Data = gql(`
  query Data($number: Int!, $fields: [String!]) {
    request(number: $number) {
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
`)

/** The clock of the server may be behind ours. */
const CLOCK_MS = 10 * 60_000

export interface Started {
  /**
   * Returns the number of the only request that has these values, or undefined. All that ask at the same time share one
   * reading of the process's requests, which begins after they asked.
   *
   * @param since when the row was first sent
   * @throws {UsageError} if several requests have them, or the one has more in fields that the row leaves empty: it may be
   * that of another row. Also if one has nearly these values, because the server may store them in its own way
   */
  find(parameters: readonly Parameter[], since: Date): Promise<number | undefined>
  /** Says which parameters differ from the data of the request. */
  differences(number: number | null, parameters: readonly Parameter[]): Promise<string>
}

/** @param fields the data fields that identify a row */
export function startedRequests(wfg: Wfg, process: string, fields: readonly string[]): Started {
  let reading: Promise<unknown> = Promise.resolve()
  let next: Promise<readonly Request[]> | undefined
  let sinceMs = Number.POSITIVE_INFINITY

  async function read(): Promise<readonly Request[]> {
    next = undefined
    const found: Request[] = []
    const since = new Date(sinceMs - CLOCK_MS).toISOString()
    for await (const request of wfg.paginate(Started, { process, since, fields })) found.push(request)
    return found
  }

  return {
    async find(parameters, since) {
      sinceMs = Math.min(sinceMs, since.getTime())
      if (!next) {
        next = reading.then(read, read)
        reading = next
      }
      const requests = await next
      if (requests.some(({ dataset }) => !dataset?.items)) throw new UsageError('The data of a request is hidden.')
      const equal = requests.filter(({ dataset }) => parameters.every((each) => has(dataset, each)))
      const numbers = numbersOf(equal)
      const near = requests.filter(({ dataset }) => parameters.every((each) => isNear(dataset, each)))
      if (equal.length === 0 && near.length > 0)
        throw new UsageError(`Request ${numbersOf(near)} has nearly its data, and may be that of the row.`)
      if (equal.length > 1) throw new UsageError(`${equal.length} requests have its data: ${numbers}.`)
      const empty = fields.filter((field) => !parameters.some(({ name }) => name === field))
      const more = empty.filter((field) => equal.some(({ dataset }) => isFilled(dataset, field)))
      if (more.length > 0) throw new UsageError(`Request ${numbers} has its data, and a value in ${more.join(', ')}.`)
      return equal[0]?.number ?? undefined
    },

    async differences(number, parameters) {
      const earlier = 'it was started with other data, and is not started again'
      try {
        const { request } = await wfg(Data, { number: number!, fields: parameters.map(({ name }) => name) })
        const names = parameters.filter((each) => !has(request?.dataset, each)).map(({ name }) => name)
        return `${earlier}: ${names.length > 0 ? names.join(', ') : 'its process or version is another'}`
      } catch (error) {
        if (!isWfgError(error)) throw error
        return `${earlier}; which of them could not be read`
      }
    },
  }
}

// --- internal ---

interface Request {
  readonly number: number | null
  readonly dataset: Dataset | null
}

interface Dataset {
  readonly items: readonly (Value | null)[] | null
}

interface Value {
  readonly name: string | null
  readonly textValue: string | null
  readonly numericValue: number | null
  readonly dateTimeValue: string | null
  readonly fileValue: { readonly name: string | null } | null
}

function valueIn(dataset: Dataset | null | undefined, name: string): Value | null | undefined {
  return dataset?.items?.find((each) => each?.name?.toUpperCase() === name.toUpperCase())
}

function isFilled(dataset: Dataset | null, name: string): boolean {
  const value = valueIn(dataset, name)
  return [value?.textValue, value?.numericValue, value?.dateTimeValue, value?.fileValue].some(
    (each) => each != null && each !== '',
  )
}

function numbersOf(requests: readonly Request[]): string {
  return requests.map(({ number }) => number).join(', ')
}

function has(dataset: Dataset | null | undefined, wanted: Parameter): boolean {
  const value = valueIn(dataset, wanted.name)
  if (!value) return false
  if (wanted.textValue !== undefined) return value.textValue === wanted.textValue
  if (wanted.numericValue !== undefined) return value.numericValue === wanted.numericValue
  if (wanted.dateTimeValue !== undefined)
    return Date.parse(value.dateTimeValue ?? '') === Date.parse(wanted.dateTimeValue)
  return value.fileValue?.name === wanted.fileValue?.upload.name
}

/** Compares as `has()` does, but without spaces, case, further decimals and time zones. */
function isNear(dataset: Dataset | null | undefined, wanted: Parameter): boolean {
  const value = valueIn(dataset, wanted.name)
  if (!value) return false
  if (wanted.numericValue !== undefined) return Math.abs((value.numericValue ?? NaN) - wanted.numericValue) < 0.01
  if (wanted.dateTimeValue !== undefined) {
    const offsetMs = Date.parse(value.dateTimeValue ?? '') - Date.parse(wanted.dateTimeValue)
    return Math.abs(offsetMs) <= MAX_OFFSET_MS && offsetMs % QUARTER_MS === 0
  }
  const [found, text] = [value.textValue ?? value.fileValue?.name, wanted.textValue ?? wanted.fileValue?.upload.name]
  return plain(found) === plain(text)
}

/** Time zones differ from UTC by quarters of an hour. */
const QUARTER_MS = 15 * 60_000
const MAX_OFFSET_MS = 14 * 60 * 60_000

function plain(text: string | null | undefined): string | undefined {
  return text?.normalize().replaceAll(/\s/g, '').toLowerCase()
}
