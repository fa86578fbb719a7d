/** Sentences about a result, for standard error. */

export const NO_ROWS = 'No rows.'

/** Names that are remembered for a notice, however many there are. */
export const MAX_NAMED = 100

/** Names in quotes, a handful at most. */
export function listed(names: Iterable<string>): string {
  const all = [...names].map((name) => JSON.stringify(name))
  return all.length > 8 ? `${all.slice(0, 8).join(', ')} and ${all.length - 8} more` : all.join(', ')
}
