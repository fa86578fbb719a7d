/** Takes the measurements of a group: in rounds, each way once a round, so that a busy minute hits all of them. */
import type { Group } from './group.ts'
import type { Setup } from './setup.ts'

export interface Samples {
  /** One a round; undefined where it failed. */
  values(way: string): readonly (number | undefined)[]
  /** Of the last failure. */
  reason(way: string): string | undefined
}

/** What is there when nothing is run. */
export const NO_SAMPLES: Samples = { values: () => [], reason: () => undefined }

/** @param tell told what is going on */
export async function measure(
  group: Group,
  rounds: number,
  setup: Setup,
  tell: (text: string) => void,
): Promise<Samples> {
  const values = new Map<string, (number | undefined)[]>(Object.keys(group.ways).map((name) => [name, []]))
  const reasons = new Map<string, string>()
  for (let round = group.warmUp ? 0 : 1; round <= rounds; round++) {
    tell(`${group.title}: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}`)
    for (const [name, way] of rotated(Object.entries(group.ways), round)) {
      const value = await way(setup).catch((error: Error) => {
        if (!reasons.has(name)) tell(`${name}: ${error.message}`)
        reasons.set(name, error.message)
        return undefined
      })
      if (round > 0) values.get(name)!.push(value)
    }
  }
  return { values: (way) => values.get(way) ?? [], reason: (way) => reasons.get(way) }
}

// --- internal ---

/** Another one begins each round, so that none always follows the same one. */
function rotated<T>(all: readonly T[], by: number): readonly T[] {
  const start = by % all.length
  return [...all.slice(start), ...all.slice(0, start)]
}
