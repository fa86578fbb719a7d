/** Rows as a table that fits the terminal. */
import { cellText, fieldsOf, plainOf } from './cells.ts'
import type { Encoder, EncoderOptions } from './encoder.ts'
import { fitWidths } from './fit.ts'
import { listed, MAX_NAMED } from './notices.ts'
import { visible } from './visible.ts'
import { cut, loadWidths, pad } from './width.ts'

/** Rows that decide on columns and widths; those after them stream. */
const SAMPLE_ROWS = 200
const GAP = '  '

export function createTableEncoder({ columns = 80, redact, warn }: Omit<EncoderOptions, 'raw'>): Encoder {
  let layout: Layout | undefined
  let rows: Row[] = []
  const notes: Notes = { cut: false, late: new Set() }
  const take = async (): Promise<string> => {
    const taken = rows
    rows = []
    if (taken.length === 0) return ''
    await loadWidths(taken.flatMap((row) => [...row.keys(), ...[...row.values()].map((cell) => cell.text)]))
    const header = layout === undefined
    layout ??= planLayout(taken, columns)
    const { shown } = layout
    const lines = taken.map((row) =>
      line(shown.map((column) => place(row.get(column.name)?.text ?? '', column, notes))),
    )
    const names = shown.map((column) => place(column.name, column, notes))
    const head = header ? [line(names), line(shown.map((column) => '─'.repeat(column.width)))] : []
    return `${[...head, ...lines].join('\n')}\n`
  }
  return {
    add(row) {
      const cells = cellsOf(row, redact)
      rows.push(cells)
      for (const name of layout ? cells.keys() : []) {
        if (!layout?.names.has(name) && notes.late.size < MAX_NAMED) notes.late.add(name)
      }
    },
    take: (all = false) => (all || layout || rows.length >= SAMPLE_ROWS ? take() : ''),
    async end() {
      const text = await take()
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
  readonly width: number
  readonly right: boolean
}

interface Layout {
  readonly names: ReadonlySet<string>
  readonly shown: readonly Column[]
  /** Columns for which there is no room. */
  readonly hidden: readonly string[]
}

interface Notes {
  cut: boolean
  readonly late: Set<string>
}

function cellsOf(row: unknown, redact: (text: string) => string): Row {
  const cells: Row = new Map()
  const fields = fieldsOf(row)
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

function planLayout(rows: readonly Row[], columns: number): Layout {
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  const texts = names.map((name) => [name, ...rows.map((row) => row.get(name)?.text ?? '')])
  const widths = fitWidths(texts, columns, GAP.length)
  const shown = widths.map((width, index): Column => {
    const name = names[index]!
    const cells = rows.flatMap((row) => row.get(name) ?? []).filter((cell) => !cell.isEmpty)
    return { name, width, right: cells.length > 0 && cells.every((cell) => cell.isNumber) }
  })
  return { names: new Set(names), shown, hidden: names.slice(widths.length) }
}

function place(text: string, { width, right }: Column, notes: Notes): string {
  const fitting = cut(text, width)
  notes.cut ||= fitting !== text
  return pad(fitting, width, right)
}

function line(cells: readonly string[]): string {
  return cells.join(GAP).trimEnd()
}

function warnOf(notes: Notes, layout: Layout | undefined, columns: number, warn: (text: string) => void): void {
  const facts = [
    ...(notes.cut ? [`cells that end in … are cut to fit ${columns} columns`] : []),
    ...(layout && layout.hidden.length > 0 ? [`there is no room for ${listed(layout.hidden)}`] : []),
    ...(notes.late.size > 0 ? [`rows after the first have columns not shown: ${listed(notes.late)}`] : []),
  ]
  if (facts.length > 0) warn(`In this table ${facts.join('; ')}. \`--format json\` shows everything.`)
}
