/** Reads the types of a process's data from its requests, so that the header of a table needs no types. */
import { GraphQLExecutionError, GraphQLRequestError, type Wfg } from '#wfg'

/** A few requests, because one may not have all data. Without gql(): a schema that has no such fields is no mistake. */
const ProcessData = `
  query ProcessData($process: String!) {
    requests(page: { number: 1, size: 5 }, filter: { processName: $process }) {
      items {
        process {
          name
        }
        dataset {
          items {
            name
            dataType
          }
        }
      }
    }
  }
`

/** By an action, as old values are read. */
const RequestData = `
  query RequestData($number: Int!) {
    actions(page: { number: 1, size: 1 }, filter: { requestNumber: $number }) {
      items {
        request {
          dataset {
            items {
              name
              dataType
            }
          }
        }
      }
    }
  }
`

/** Its name in the process, and TEXT, NUMERIC, DATETIME or FILE. */
export interface ProcessDatum {
  readonly name: string
  readonly dataType: string | null
}

/** By their names in capitals. */
export type KnownData = ReadonlyMap<string, ProcessDatum>

/**
 * Returns the data of a process, as its requests have them; undefined if the server has no such fields. None if they could
 * not be read this time: with other types, rows of an earlier run would start again.
 */
export function processData(wfg: Wfg, process: string): Promise<KnownData | undefined> {
  return known(async () => {
    const { requests } = await wfg(ProcessData, { process })
    const items: readonly (Request | null)[] = requests?.items ?? []
    return items.filter((request) => request?.process?.name?.toUpperCase() === process.toUpperCase())
  })
}

/** Returns the data of some requests, without those that have several types. See `processData()`. */
export function requestData(wfg: Wfg, numbers: readonly number[]): Promise<KnownData | undefined> {
  return known(async () => {
    const found: (Request | null)[] = []
    for (const number of numbers) {
      const { actions } = await wfg(RequestData, { number })
      found.push(actions?.items?.[0]?.request ?? null)
    }
    return found
  })
}

// --- internal ---

interface Request {
  readonly process?: { readonly name?: string | null } | null
  readonly dataset?: { readonly items?: readonly (ProcessDatum | null)[] | null } | null
}

async function known(read: () => Promise<readonly (Request | null)[]>): Promise<KnownData | undefined> {
  try {
    const data = (await read()).flatMap((request) => request?.dataset?.items ?? [])
    const found = new Map(data.flatMap((datum) => (datum?.name ? [[datum.name.toUpperCase(), datum]] : [])))
    for (const datum of data) {
      const other = found.get(datum?.name?.toUpperCase() ?? '')
      if (other && other.dataType !== datum?.dataType) found.delete(other.name.toUpperCase())
    }
    return found
  } catch (error) {
    if (error instanceof GraphQLRequestError) return undefined
    if (error instanceof GraphQLExecutionError) return new Map()
    throw error
  }
}
