/**
 * The first of many problems, and how many more there are: a long list of rows may have one in each.
 *
 * @param rest tells of the others
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
