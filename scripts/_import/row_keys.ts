/** What identifies a row: the cell of one column, or all its data. */

import type { Report } from './check_rows.ts'
import type { DataColumn, Parameter } from './columns.ts'

export interface RowKeys {
  /** The data fields that identify a row. */
  readonly fields: readonly string[]
  /** The parameters that identify the row. */
  parts(parameters: readonly Parameter[]): readonly Parameter[]
  /** The key as a text. */
  keyOf(parameters: readonly Parameter[]): string
  /** True if no other row has the key. */
  isOnly(parameters: readonly Parameter[]): boolean
  /** Counts the row, and reports a cell of the column that is empty, or has the key of a row above. */
  add(parameters: readonly Parameter[], report: Report): void
}

/** @param column name of the column, or undefined for all data */
export function rowKeys(columns: readonly DataColumn[], column: string | undefined, report: Report): RowKeys {
  const named = columns.find(({ name }) => name.toUpperCase() === column?.toUpperCase())
  if (column !== undefined && !named) report(column, 'no column has this name; --key expects one of the header')
  const counts = new Map<string, number>()
  const parts = (parameters: readonly Parameter[]) =>
    named ? parameters.filter(({ name }) => name === named.name) : parameters
  const keyOf = (parameters: readonly Parameter[]) => parts(parameters).map(textOf).join('\n')
  return {
    fields: named ? [named.name] : columns.map(({ name }) => name),
    parts,
    keyOf,
    isOnly: (parameters) => counts.get(keyOf(parameters)) === 1,
    add(parameters, report) {
      const key = keyOf(parameters)
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      if (named && key === '') report(named.header, 'it is empty; --key expects a different value in each row')
      else if (named && count > 1) report(named.header, 'a row above has the same value; --key expects a different one')
    },
  }
}

// --- internal ---

function textOf({ name: _name, fileValue, ...values }: Parameter): string {
  return String(fileValue?.upload.name ?? Object.values(values)[0])
}
