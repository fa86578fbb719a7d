/** Several mistakes reported at once, so that they are mended at once. */
import { UsageError } from '../errors.ts'

/** The title alone with a single problem; a line each where there are more. Nothing happens without problems. @throws {UsageError} */
export function refuseProblems(title: string, problems: Iterable<string>): void {
  const lines = [...new Set(problems)]
  if (lines.length === 1) throw new UsageError(`${title}: ${lines[0]}`)
  if (lines.length > 1) throw new UsageError(`${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`)
}
