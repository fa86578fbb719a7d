/** Parts of the warnings about a result. */

/** Limit of the names that are kept for a warning. */
export const MAX_NAMED = 100

/** The first eight names, quoted, and the number of the others. */
export function listed(names: Iterable<string>): string {
  const all = [...names].map((name) => JSON.stringify(name))
  return all.length > 8 ? `${all.slice(0, 8).join(', ')} and ${all.length - 8} more` : all.join(', ')
}
