/** Problems in a sentence. */

/** The first of many, and how many more there are: a long list of rows may have a problem in each. */
export function listed(problems: readonly string[], end = ''): readonly string[] {
  const more = problems.length - MAX_LISTED
  return more > 0 ? [...problems.slice(0, MAX_LISTED), `and ${more} more${end}`] : problems
}

// --- internal ---

const MAX_LISTED = 10
