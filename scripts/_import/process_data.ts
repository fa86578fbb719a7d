/**
 * Asks the server which data a process has, so that the header of a table needs no types. The fields are assumed: if your
 * server has others for this, write them in ProcessData.
 */
import { GraphQLExecutionError, GraphQLRequestError, gql, type Wfg } from '#wfg'

const ProcessData = gql(`
  query ProcessData($process: String!, $version: Int) {
    process(name: $process, version: $version) {
      dataset {
        items {
          name
          dataType
        }
      }
    }
  }
`)

export interface ProcessDatum {
  readonly name: string
  /** TEXT, NUMERIC, DATETIME or FILE. */
  readonly dataType: string | null
}

/** Returns the data of a process, or undefined if the server does not tell them. */
export async function processData(
  wfg: Wfg,
  process: string,
  version: number | undefined,
): Promise<readonly ProcessDatum[] | undefined> {
  try {
    const { process: found } = await wfg(ProcessData, { process, version })
    const items: readonly (Item | null)[] = found?.dataset?.items ?? []
    const data = items.flatMap((item) => (item?.name ? [{ name: item.name, dataType: item.dataType }] : []))
    return data.length > 0 ? data : undefined
  } catch (error) {
    // Its schema has no such fields, or this user may not read them.
    if (error instanceof GraphQLRequestError || error instanceof GraphQLExecutionError) return undefined
    throw error
  }
}

// --- internal ---

interface Item {
  readonly name: string | null
  readonly dataType: string | null
}
