/** Rows as a table that fits the terminal. A single row that does not fit has a line for each column. */

import { visible } from '../../core/visible.ts'
import { cellText, columnsOf, fieldsOf, plainOf } from './cells.ts'
import type { Encoder, EncoderOptions } from './encoder.ts'
import { fitWidths } from './fit.ts'
import { listed, MAX_NAMED } from './notices.ts'
import { cut, loadWidths, pad, widthOf } from './width.ts'

/** Number of rows that decide the columns and widths. The rows after them are streamed. */
const SAMPLE_ROWS = 200
const GAP = '  '
/** Marks columns that are left out. */
const MORE = `${GAP}…`

export function createTableEncoder({
  columns = Number.POSITIVE_INFINITY,
  redact,
  warn,
}: Omit<EncoderOptions, 'raw'>): Encoder {
  let layout: Layout | undefined
  let rows: Row[] = []
  const notes: Notes = { cut: new Set(), late: new Set() }
  const take = async (isLast: boolean): Promise<string> => {
    const taken = rows
    rows = []
    if (taken.length === 0) return ''
    await loadWidths(taken.flatMap((row) => [...row.keys(), ...[...row.values()].map((cell) => cell.text)]))
    const isFirst = layout === undefined
    const plan = layout ?? planLayout(taken, columns, redact)
    if (isFirst && isLast && taken.length === 1 && !plan.fits) return namesAndValues(taken[0]!)
    layout = plan
    const { shown } = plan
    const body = taken.map((row) => shown.map((column) => place(row.get(column.name)?.text ?? '', column, notes)))
    return `${[...(isFirst ? headOf(plan, notes) : []), ...body.map(line)].join('\n')}\n`
  }
  return {
    add(row) {
      const cells = cellsOf(row, redact, layout?.names)
      rows.push(cells)
      for (const [name, { isEmpty }] of layout ? cells : []) {
        if (!layout?.names.has(name) && !isEmpty && notes.late.size < MAX_NAMED) notes.late.add(name)
      }
    },
    take: (all = false) => (all || layout || rows.length >= SAMPLE_ROWS ? take(false) : ''),
    async end() {
      const text = await take(true)
      warnOf(notes, layout, columns, warn)
      return text
    },
  }
}

// --- internal ---

interface Cell {
  readonly text: string
  readonly isNumber: boolean
  readonly isEmpty: boolean
}

/** By column. */
type Row = Map<string, Cell>

interface Column {
  readonly name: string
  /** Shown in the header. */
  readonly title: string
  readonly width: number
  /** Wider text is cut. */
  readonly max: number
  readonly right: boolean
}

interface Layout {
  readonly names: ReadonlySet<string>
  readonly shown: readonly Column[]
  /** Columns without room. */
  readonly hidden: readonly string[]
  /** True if the first rows fit without a cut. */
  readonly fits: boolean
}

interface Notes {
  /** Columns with cut cells. */
  readonly cut: Set<string>
  /** Columns that the first rows do not have. */
  readonly late: Set<string>
}

function cellsOf(row: unknown, redact: (text: string) => string, known: ReadonlySet<string> | undefined): Row {
  const cells: Row = new Map()
  const fields = fieldsOf(row, known)
  for (const name of Object.keys(fields)) {
    const value = plainOf(fields[name])
    const text = visible(redact(cellText(value)))
    cells.set(visible(name), {
      text,
      isNumber: typeof value === 'number' || typeof value === 'bigint',
      isEmpty: text === '',
    })
  }
  return cells
}

function planLayout(rows: readonly Row[], columns: number, redact: (text: string) => string): Layout {
  const names = columnsOf(rows)
  const texts = names.map((name) => [redact(name), ...rows.map((row) => row.get(name)?.text ?? '')])
  const fitted = fitWidths(texts, columns, GAP.length)
  // The header marks columns that are left out, for readers who do not see the warning.
  const widths = fitted.length < names.length ? fitWidths(texts, columns - MORE.length, GAP.length) : fitted
  const shown = widths.map((width, index): Column => {
    const name = names[index]!
    const cells = rows.flatMap((row) => row.get(name) ?? []).filter((cell) => !cell.isEmpty)
    const max = columns === Number.POSITIVE_INFINITY ? columns : width
    return {
      name,
      title: texts[index]![0]!,
      width,
      max,
      right: cells.length > 0 && cells.every((cell) => cell.isNumber),
    }
  })
  const fits = texts.every((column, index) => column.every((text) => widthOf(text) <= (widths[index] ?? -1)))
  return { names: new Set(names), shown, hidden: names.slice(widths.length), fits }
}

function headOf({ shown, hidden }: Layout, notes: Notes): string[] {
  const names = line(shown.map((column) => place(column.title, column, notes)))
  return [hidden.length > 0 ? `${names}${MORE}` : names, line(shown.map((column) => '─'.repeat(column.width)))]
}

function namesAndValues(row: Row): string {
  const width = Math.max(...[...row.keys()].map(widthOf))
  return [...row].map(([name, { text }]) => `${line([pad(name, width, false), text])}\n`).join('')
}

function place(text: string, { name, width, max, right }: Column, notes: Notes): string {
  const fitting = cut(text, max)
  if (fitting !== text) notes.cut.add(name)
  return pad(fitting, width, right)
}

function line(cells: readonly string[]): string {
  return cells.join(GAP).trimEnd()
}

function warnOf(notes: Notes, layout: Layout | undefined, columns: number, warn: (text: string) => void): void {
  const facts = [
    ...(notes.cut.size > 0 ? [`cells of ${listed(notes.cut)} that end in … are cut to fit ${columns} columns`] : []),
    ...(layout && layout.hidden.length > 0 ? [`there is no room for ${listed(layout.hidden)}`] : []),
    ...(notes.late.size > 0 ? [`rows after the first have columns not shown: ${listed(notes.late)}`] : []),
  ]
  if (facts.length > 0) warn(`In this table ${facts.join('; ')}. \`--format json\` shows everything.`)
}
