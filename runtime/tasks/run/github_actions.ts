/** GitHub Actions: a failure becomes an annotation, and the result the summary of the step. */
import { appendFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { visible, visibleLines } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { cellText, fieldsOf } from '../output/cells.ts'

/**
 * The failure as a workflow command (docs.github.com, "Workflow commands: setting an error message"); empty outside of
 * GitHub Actions.
 *
 * @param text as it is printed for a person
 */
export function annotation({ env }: Pick<Host, 'env'>, title: string, text: string): string {
  if (!isActions(env)) return ''
  const message = text.replace(/^error: /, '').trimEnd()
  return message === '' ? '' : `::error title=${escaped(title, PROPERTY)}::${escaped(message, MESSAGE)}\n`
}

/** An annotation of a line in a file, as a workflow command; empty outside of GitHub Actions. */
export function fileAnnotation(
  { env, cwd }: Pick<Host, 'env' | 'cwd'>,
  found: {
    readonly severity: 'error' | 'warning'
    /** Absolute. */
    readonly path: string
    readonly line: number
    readonly column: number
    readonly title: string
    readonly text: string
  },
): string {
  if (!isActions(env)) return ''
  // Paths of annotations are relative to the repository, not to the working directory.
  const file = relative(env['GITHUB_WORKSPACE'] ?? cwd(), found.path).replaceAll('\\', '/')
  const { severity, line, column, title, text } = found
  const place = `file=${escaped(file, PROPERTY)},line=${line},col=${column},title=${escaped(title, PROPERTY)}`
  return `::${severity} ${place}::${escaped(text, MESSAGE)}\n`
}

export interface StepSummary {
  /** A row of the result, or the value that is the result. */
  seen(row: unknown): void
  /** Appends the summary. It is not `complete` if the run failed. */
  write(complete: boolean): Promise<void>
}

/** GitHub's limit for a summary is 1 MiB. */
const MAX_ROWS = 100
/** In characters. */
const MAX_CELL = 500

/**
 * Undefined outside of GitHub Actions (docs.github.com, "Adding a job summary").
 *
 * @param title heading, the task's name
 */
export function stepSummary({ env, redactor }: Pick<Host, 'env' | 'redactor'>, title: string): StepSummary | undefined {
  const path = env['GITHUB_STEP_SUMMARY']
  if (!isActions(env) || !path) return undefined
  const rows: Record<string, string>[] = []
  let count = 0
  return {
    seen(row) {
      count += 1
      if (rows.length < MAX_ROWS) rows.push(cellsOf(row, redactor))
    },
    async write(complete) {
      const state = complete ? '' : ': failed'
      const counted = count === 1 ? '1 row' : `${count} rows`
      const more = count > rows.length ? `, the first ${rows.length} shown` : ''
      const text = `### ${cell(title)}${state}\n\n${markdownTable(rows)}${counted}${more}\n\n`
      // A run does not fail because its summary cannot be written.
      await appendFile(path, redactor.text(text)).catch(() => {})
    },
  }
}

// --- internal ---

const MESSAGE = /[%\r\n]/g
const PROPERTY = /[%\r\n:,]/g

function isActions(env: Host['env']): boolean {
  return env['GITHUB_ACTIONS'] === 'true'
}

function escaped(text: string, special: RegExp): string {
  return visibleLines(text).replace(special, encodeURIComponent)
}

/** Copies the row, which the script may change afterwards. Secrets are masked before they are cut or escaped. */
function cellsOf(row: unknown, redactor: Pick<Host['redactor'], 'text'>): Record<string, string> {
  const cells = Object.entries(fieldsOf(row)).map(([name, value]) => {
    const text = redactor.text(cellText(value))
    return [redactor.text(name), text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text]
  })
  return Object.fromEntries(cells)
}

function markdownTable(rows: readonly Record<string, string>[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  if (names.length === 0) return ''
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |\n`
  const body = rows.map((row) => line(names.map((name) => row[name] ?? '')))
  return `${line(names)}|${' --- |'.repeat(names.length)}\n${body.join('')}\n`
}

/** Escapes text from a server, which must not become markup or end its cell. */
function cell(text: string): string {
  return visible(text.replace(/\s+/g, ' ')).replace(/[\\`*_{}[\]<>()#+\-!|&~]/g, '\\$&')
}
