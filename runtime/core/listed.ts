/**
 * The first problems of a long list, and the number of the others.
 *
 * @param rest gives the line for the others
 */
export function listed(
  problems: readonly string[],
  rest: (count: number) => string = (count) => `and ${count} more`,
): readonly string[] {
  const more = problems.length - MAX_LISTED
  return more > 0 ? [...problems.slice(0, MAX_LISTED), rest(more)] : problems
}

// --- internal ---

const MAX_LISTED = 10
