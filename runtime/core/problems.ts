/** Reports several mistakes at once. */
import { UsageError } from './errors.ts'

/**
 * Throws if there are problems: a single one on the line of the title, several on a line each.
 *
 * @param next what to do, on a line of its own
 * @throws {UsageError}
 */
export function refuseProblems(title: string, problems: Iterable<string>, next = ''): void {
  const after = next === '' ? '' : `\n${next}`
  const lines = [...new Set(problems)]
  if (lines.length === 1) throw new UsageError(`${title}: ${lines[0]}${after}`)
  if (lines.length > 1) throw new UsageError(`${title}:\n${lines.map((line) => `  ${line}`).join('\n')}${after}`)
}

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
