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

/** Its name in the process, and TEXT, NUMERIC, DATETIME or FILE. */
export interface ProcessDatum {
  readonly name: string
  readonly dataType: string | null
}

/**
 * Returns the data of a process by their names in capitals, as its requests have them; undefined if the server has no such
 * fields. None if they could not be read this time: with other types, rows of an earlier run would start again.
 */
export async function processData(wfg: Wfg, process: string): Promise<ReadonlyMap<string, ProcessDatum> | undefined> {
  try {
    const { requests } = await wfg(ProcessData, { process })
    const items: readonly (Request | null)[] = requests?.items ?? []
    const own = items.filter((request) => request?.process?.name?.toUpperCase() === process.toUpperCase())
    const data = own.flatMap((request) => request?.dataset?.items ?? [])
    return new Map(data.flatMap((datum) => (datum?.name ? [[datum.name.toUpperCase(), datum]] : [])))
  } catch (error) {
    if (error instanceof GraphQLRequestError) return undefined
    if (error instanceof GraphQLExecutionError) return new Map()
    throw error
  }
}

// --- internal ---

interface Request {
  readonly process?: { readonly name?: string | null } | null
  readonly dataset?: { readonly items?: readonly (ProcessDatum | null)[] | null } | null
}
