/** Rows as CSV (RFC 4180 quoting, LF, no byte order mark); the first row names the columns. */
import { stringify } from 'csv-stringify/sync'
import { cellText, fieldsOf, plainOf } from './cells.ts'
import type { Encoder, EncoderOptions } from './encoder.ts'
import { listed, MAX_NAMED } from './notices.ts'

export function createCsvEncoder({ raw, redact, warn }: Omit<EncoderOptions, 'columns'>): Encoder {
  let names: ReadonlySet<string> | undefined
  let lines: string[][] = []
  const leftOut = new Set<string>()
  const take = () => {
    // Readers skip an empty line, so an empty cell of a single column is quoted.
    const text = stringify(lines, { quoted_empty: names?.size === 1 })
    lines = []
    return text
  }
  return {
    add(row) {
      const fields = fieldsOf(row, names)
      if (!names) {
        names = new Set(Object.keys(fields))
        lines.push([...names].map((name) => redact(guarded(name, raw))))
      }
      const known = names
      lines.push([...known].map((name) => redact(cellOf(fields[name], raw))))
      for (const name in fields) {
        if (!known.has(name) && (fields[name] ?? null) !== null && leftOut.size < MAX_NAMED) leftOut.add(name)
      }
    },
    take,
    end() {
      if (leftOut.size > 0)
        warn(`Columns left out of the CSV because the first row does not have them: ${listed(leftOut)}.`)
      return take()
    },
  }
}

// --- internal ---

function cellOf(value: unknown, raw: boolean): string {
  const plain = plainOf(value)
  return typeof plain === 'string' ? guarded(plain, raw) : cellText(plain)
}

/** A spreadsheet evaluates a cell that starts like a formula; a leading `'` makes it text. */
function guarded(text: string, raw: boolean): string {
  return !raw && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}
