/** How a run that failed ends: what is printed, and the exit code. */
import { stripVTControlCharacters } from 'node:util'
import { isWfgError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import { sourceStack } from '../../core/source_stack.ts'
import type { Host } from '../../host/host.ts'

/**
 * A mistake that a person can mend gets its paragraph, a bug its stack.
 *
 * @param subject what failed, as the start of a sentence
 */
export function renderFailure(error: unknown, subject: string): string {
  if (error instanceof Interruption) return error.message === '' ? '' : `${error.message}\n`
  if (isWfgError(error)) return `error: ${error.message}\n`
  if (!(error instanceof Error)) {
    return `error: ${subject} failed: it threw ${thrown(error)}, which is no Error and has no stack.\n`
  }
  // Deno colours the stacks of modules that cannot be loaded, wherever they are printed.
  return `error: ${subject} failed: ${sourceStack(stripVTControlCharacters(stackOf(error)))}\n`
}

/** Says on standard error why `subject` failed, and to GitHub Actions in its own way as well. */
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

/** Of errors that were thrown together. */
const MAX_MEMBERS = 10

function thrown(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'string' ? `the text ${JSON.stringify(value)}` : `a value of type ${typeof value}`
}

/** Causes and the members of an AggregateError are part of what happened, but one that leads back to itself must end. */
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

/** Bun's error for a file that is no TypeScript has no stack, and does not name the file. */
function placeOf(error: Error): string {
  const { position } = error as { position?: { file: string; line: number; column: number } | null }
  return position ? `    at ${position.file}:${position.line}:${position.column}` : ''
}
