/** The message and the exit code of a failed run. */
import { stripVTControlCharacters } from 'node:util'
import { isWfgError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import { sourceStack } from '../../core/source_stack.ts'
import type { Host } from '../../host/host.ts'

/**
 * Renders a user's mistake as one paragraph, and a bug with its stack.
 *
 * @param subject what failed; starts a sentence
 */
export function renderFailure(error: unknown, subject: string): string {
  if (error instanceof Interruption) return error.message === '' ? '' : `${error.message}\n`
  if (isWfgError(error)) return `error: ${error.message}\n`
  if (!(error instanceof Error)) {
    return `error: ${subject} failed: it threw ${thrown(error)}, which is no Error and has no stack.\n`
  }
  return `error: ${subject} failed: ${stackText(error)}\n`
}

/** The stack with those of its causes, by the lines of the sources. */
export function stackText(error: Error): string {
  // Deno colours the stacks of modules that cannot be loaded, even if they are not printed to a terminal.
  return sourceStack(stripVTControlCharacters(stackOf(error)))
}

/** Writes to standard error why `subject` failed; in GitHub Actions also as an annotation. */
export async function tellFailure(
  host: Pick<Host, 'env' | 'redactor' | 'stderr'>,
  error: unknown,
  subject: string,
): Promise<void> {
  const text = renderFailure(error, subject)
  await host.stderr.write(text)
  if (host.env['GITHUB_ACTIONS'] !== 'true') return
  const { annotation } = await import('./github_actions.ts')
  await host.stderr.writeAsIs(annotation(host, subject, host.redactor.text(text)))
}

export function exitCodeOf(error: unknown): number {
  return error instanceof Interruption || isWfgError(error) ? error.exitCode : 1
}

// --- internal ---

/** Limit of the shown errors of an AggregateError. */
const MAX_MEMBERS = 10

function thrown(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'string' ? `the text ${JSON.stringify(value)}` : `a value of type ${typeof value}`
}

/** The stack with those of its causes and of an AggregateError's members. `seen` ends a circle of causes. */
function stackOf(error: Error, seen = new Set<unknown>()): string {
  seen.add(error)
  const stack = error.stack?.includes(error.message)
    ? error.stack
    : `${error.name}: ${error.message}\n${error.stack ?? placeOf(error)}`
  const { cause, errors } = error as { cause?: unknown; errors?: unknown }
  const causes = Array.isArray(errors) ? [cause, ...errors.slice(0, MAX_MEMBERS)] : [cause]
  return causes.reduce<string>(
    (text, each) => (each instanceof Error && !seen.has(each) ? `${text}\nCaused by: ${stackOf(each, seen)}` : text),
    stack.trimEnd(),
  )
}

/** Bun's error for a file with a syntax error has neither a stack nor the name of the file. */
function placeOf(error: Error): string {
  const { position } = error as { position?: { file: string; line: number; column: number } | null }
  return position ? `    at ${position.file}:${position.line}:${position.column}` : ''
}
