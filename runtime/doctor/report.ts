/** Renders findings for people, with marks that are readable without colour. */
import { visible } from '../core/visible.ts'
import { indent } from '../core/wrap.ts'
import type { Finding, Status } from './step.ts'

export interface Look {
  /** Width of the terminal; undefined if there is none: then each step is one line. */
  readonly columns: number | undefined
  readonly color: boolean
  /** False if the console's font may lack ✓ and ✗. */
  readonly unicode: boolean
}

const MARKS: Readonly<Record<Status, readonly [unicode: string, other: string, color: number]>> = {
  ok: ['✓', '√', 32],
  warning: ['!', '!', 33],
  skipped: ['-', '-', 90],
  failed: ['✗', '×', 31],
}
/** Width of the mark, the longest name and the gaps. */
const DETAIL_COLUMN = 13
/** Longer lines are hard to read. */
const MAX_COLUMNS = 100

export function renderStep(name: string, { status, detail }: Finding, look: Look): string {
  const [unicode, other, color] = MARKS[status]
  const mark = look.unicode ? unicode : other
  const start = `${look.color ? `\u001b[${color}m${mark}\u001b[39m` : mark} ${name.padEnd(DETAIL_COLUMN - 2)}`
  const [first = '', ...more] = indent(visible(detail), DETAIL_COLUMN, look.columns ?? Number.POSITIVE_INFINITY)
  return `${[start + first.trimStart(), ...more].join('\n')}\n`
}

/** @param remedy may have several lines, which keep their indentation */
export function renderRemedy(title: string, remedy: string, { columns = 80 }: Look): string {
  const lines = remedy.split('\n').flatMap((line) => {
    const own = line.length - line.trimStart().length
    return line === '' ? [''] : indent(visible(line.trim()), 2 + own, Math.min(columns, MAX_COLUMNS))
  })
  return `\n${[title, ...lines].join('\n')}\n`
}
