/** What GitHub Actions shows of a run: a failure as an annotation, the result as the step's summary. */
import { appendFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { visible, visibleLines } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { cellText, fieldsOf } from '../output/cells.ts'

/**
 * The failure as a workflow command (docs.github.com, "Workflow commands: setting an error message"); empty elsewhere.
 *
 * @param text as it is printed for a person
 */
export function annotation({ env }: Pick<Host, 'env'>, title: string, text: string): string {
  if (!isActions(env)) return ''
  const message = text.replace(/^error: /, '').trimEnd()
  return message === '' ? '' : `::error title=${escaped(title, PROPERTY)}::${escaped(message, MESSAGE)}\n`
}

/** What is found at a place of a file, as a workflow command; empty elsewhere. */
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
  // Paths of annotations start from the repository, wherever the step works.
  const file = relative(env['GITHUB_WORKSPACE'] ?? cwd(), found.path).replaceAll('\\', '/')
  const { severity, line, column, title, text } = found
  const place = `file=${escaped(file, PROPERTY)},line=${line},col=${column},title=${escaped(title, PROPERTY)}`
  return `::${severity} ${place}::${escaped(text, MESSAGE)}\n`
}

export interface StepSummary {
  /** A row of the result, or the value that is the result. */
  seen(row: unknown): void
  /** Appends the summary: of a result, or of what there was when the run failed. */
  write(complete: boolean): Promise<void>
}

/** A summary holds 1 MiB; a person reads less. */
const MAX_ROWS = 100
/** In characters. */
const MAX_CELL = 500

/**
 * Undefined where there is no summary to write (docs.github.com, "Adding a job summary").
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
      // A summary is an extra: a run does not fail because it cannot be written.
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

/** As the row is now: the script may change it afterwards. A secret that is cut or escaped could no longer be recognised. */
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

/** Text from a server must not become markup, nor end its cell. */
function cell(text: string): string {
  return visible(text.replace(/\s+/g, ' ')).replace(/[\\`*_{}[\]<>()#+\-!|&~]/g, '\\$&')
}
