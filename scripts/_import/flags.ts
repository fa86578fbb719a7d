/** The flags of a task that reads a table, for the schema of its arguments. */
import * as v from 'valibot'
import { DATE_ORDERS } from './dates.ts'
import { ENCODINGS } from './encoding.ts'

export const TABLE_FLAGS = {
  file: v.pipe(v.string(), v.nonEmpty(), v.description('the CSV or Excel file (.xlsx)')),
  sheet: v.optional(
    v.pipe(
      v.string(),
      v.nonEmpty(),
      v.description('name of the sheet of an Excel file; default: the first that is not hidden'),
    ),
  ),
  encoding: v.optional(
    v.pipe(v.picklist(ENCODINGS), v.description('encoding of a CSV file that is not UTF-8, such as windows-1252')),
  ),
  dates: v.optional(
    v.pipe(
      v.picklist(DATE_ORDERS),
      v.description('order of day, month and year in texts such as 01.12.2026; not needed for 2026-12-01'),
    ),
  ),
}
