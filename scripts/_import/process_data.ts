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

/** Returns the name that differs least, if a typing mistake may be the difference. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    .map((other) => ({ other, distance: distanceOf(name.toUpperCase(), other.toUpperCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, name.length / 3))
    .sort((a, b) => a.distance - b.distance)
  return nearest?.other
}

// --- internal ---

interface Item {
  readonly name: string | null
  readonly dataType: string | null
}

/** Returns how many letters must be typed, removed or replaced to get the other text. */
function distanceOf(text: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...text].entries()) {
    const next = [index + 1]
    for (let place = 1; place <= other.length; place += 1) {
      const replaced = row[place - 1]! + (other[place - 1] === letter ? 0 : 1)
      next.push(Math.min(replaced, row[place]! + 1, next[place - 1]! + 1))
    }
    row = next
  }
  return row[other.length]!
}
