/**
 * Asks the server which data a process has, so that the header of a table needs no types. The fields are assumed: if your
 * server tells this by others, change ProcessData.
 */
import { GraphQLExecutionError, GraphQLRequestError, type Wfg } from '#wfg'

/** Without gql(), because a schema that has no such fields is no mistake. */
const ProcessData = `
  query ProcessData($process: String!, $version: Int) {
    process(name: $process, version: $version) {
      dataset {
        hasNextPage
        items {
          name
          dataType
        }
      }
    }
  }
`

export interface ProcessDatum {
  readonly name: string
  /** TEXT, NUMERIC, DATETIME or FILE. */
  readonly dataType: string | null
}

/** Returns the data of a process, or undefined if the server does not tell all of them. */
export async function processData(
  wfg: Wfg,
  process: string,
  version: number | undefined,
): Promise<readonly ProcessDatum[] | undefined> {
  try {
    const { process: found } = await wfg(ProcessData, { process, version })
    const { items, hasNextPage }: Dataset = found?.dataset ?? {}
    const data = (items ?? []).flatMap((item) => (item?.name ? [{ name: item.name, dataType: item.dataType }] : []))
    return data.length > 0 && !hasNextPage ? data : undefined
  } catch (error) {
    // Its schema has no such fields, or this user may not read them.
    if (error instanceof GraphQLRequestError || error instanceof GraphQLExecutionError) return undefined
    throw error
  }
}

// --- internal ---

interface Dataset {
  readonly hasNextPage?: boolean | null
  readonly items?: readonly ({ readonly name: string | null; readonly dataType: string | null } | null)[] | null
}
