/**
 * Update data fields of requests from a CSV or Excel file; with `--dry-run`, show old and new values instead.
 *
 * The first column is the number of the request, the others are data fields, such as `REQUEST,AMOUNT,SUPPLIER`. Their types are
 * read from the first requests; a type in the header wins, such as `AMOUNT:number`. Write numbers and dates as for
 * start-requests. An empty cell leaves a value unchanged, because no way to clear one is known. If export-requests made the
 * file, run that with `--raw`, or texts such as "-5" begin with a quote.
 *
 * Reads the file and the files that it names, with paths relative to its folder. Writes data of requests. Every row is
 * checked before the first is sent. You can run it again: it sets the same values again. Old values are read through a
 * request's first action. The names ParameterInput, numericValue, dateTimeValue and fileValue are assumed: compare both
 * documents with your server's schema.
 */
import * as v from 'valibot'
import { defineScript, gql, type Log, type Wfg } from '#wfg'
import { textOf } from './_import/cells.ts'
import { checkRows, type Report, type RowReader } from './_import/check_rows.ts'
import { counts, rowsText, trouble } from './_import/closing.ts'
import { type ColumnOptions, dataColumns, messageOf, type Parameter, parametersOf } from './_import/columns.ts'
import { TABLE_FLAGS } from './_import/flags.ts'
import { openTable, type TableOptions } from './_import/open_table.ts'
import { requestData } from './_import/process_data.ts'
import type { Table } from './_import/table.ts'

const UpdateData = gql(`
  mutation UpdateData($number: Int!, $parameters: [ParameterInput!]!) {
    updateRequestDataset(input: { number: $number, parameters: $parameters }) {
      clientMutationId
    }
  }
`)

const CurrentData = gql(`
  query CurrentData($number: Int!, $names: [String!]) {
    actions(page: { number: 1, size: 1 }, filter: { requestNumber: $number }) {
      items {
        request {
          dataset(filter: { names: $names }) {
            items {
              name
              textValue
              numericValue
              dateTimeValue
              fileValue {
                name
              }
            }
          }
        }
      }
    }
  }
`)

/** Number of requests whose data are read for their types. */
const ASKED = 3
/** An upload over a slow line takes minutes. */
const TIMEOUT_MS = 5 * 60_000

export default defineScript({
  args: v.object(TABLE_FLAGS),
  positionals: ['file'],
  examples: ['amounts.csv --dry-run --format table', 'amounts.csv'],
  async *run({ args, wfg, log, progress }) {
    const data = await requestData(wfg, await firstNumbers(args.file, args))
    const checked = await checkRows(args.file, args, (table, report) =>
      readHeader(table, report, { first: 1, dates: args.dates, data }),
    )
    /** The row of each entry. */
    const rows: number[] = []
    async function* updates() {
      for await (const { row, value } of checked.rows()) {
        rows.push(row)
        yield value
      }
    }
    const outcomes = wfg.bulk(UpdateData, updates(), {
      idempotent: true,
      timeoutMs: TIMEOUT_MS,
      onProgress: (ended) => progress(ended, checked.count, trouble(outcomes.summary)),
    })
    const lacking = new Map<string, number[]>()
    for await (const { index, variables, status, error } of outcomes) {
      // Without a journal, entries are skipped only in a dry run.
      if (status === 'skipped') yield* compare(variables, { wfg, log, lacking })
      else yield { row: rows[index], request: variables.number, status, error: messageOf(error, variables.parameters) }
    }
    for (const [name, [first, ...others]] of lacking) {
      const where = `request ${first}${others.length === 0 ? '' : ` and ${others.length} more`}`
      log.warn(`Missing data ${name} in ${where}: check the name of the column, and the process.`)
    }
    const { done, skipped, failed } = outcomes.summary
    const correct = failed > 0 ? 'correct the rows that failed, and ' : ''
    const next = done === checked.count ? '' : ` Next: ${correct}run the same command again; it sets the same values.`
    const ended =
      skipped > 0
        ? 'a dry run, nothing was sent. Next: run it without --dry-run.'
        : `${counts(outcomes.summary, 'updated')}.${next}`
    log(`${rowsText(checked.count)}: ${ended}`)
  },
})

// --- internal ---

interface Update {
  number: number
  parameters: Parameter[]
}

interface Data {
  name: string | null
  textValue: string | null
  numericValue: number | null
  dateTimeValue: string | null
  fileValue: { name: string | null } | null
}

/** Of a few requests, whose data tell the types. */
async function firstNumbers(path: string, options: TableOptions): Promise<number[]> {
  const numbers: number[] = []
  for await (const { cells } of (await openTable(path, options)).rows()) {
    const number = Number(textOf(cells[0] ?? ''))
    if (Number.isSafeInteger(number) && number > 0) numbers.push(number)
    if (numbers.length === ASKED) break
  }
  return numbers
}

function readHeader(table: Table, report: Report, options: ColumnOptions): RowReader<Update> {
  const [first = ''] = table.header
  if (!/^request$/i.test(first.trim()))
    report(first || 'column 1', 'it must be REQUEST, because it is the first column')
  const columns = dataColumns(table, report, options)
  const rowOf = new Map<number, number>()
  return (cells, row, report) => {
    const text = textOf(cells[0]!)
    const number = Number(text)
    if (!/^\s*[1-9]\d{0,8}\s*$/.test(text)) report(first, 'it is not the number of a request; expected one such as 42')
    // Two changes of one request may be sent at the same time, and either could come last.
    else if (rowOf.has(number))
      report(first, `row ${rowOf.get(number)} has this request too; expected one row for each request`)
    else rowOf.set(number, row)
    const parameters = parametersOf(columns, cells, report)
    return parameters.length === 0 ? undefined : { number, parameters }
  }
}

interface Comparison {
  wfg: Wfg
  log: Log
  /** Requests without a data field, by its name. */
  lacking: Map<string, number[]>
}

async function* compare({ number, parameters }: Update, { wfg, log, lacking }: Comparison) {
  const { actions } = await wfg(CurrentData, { number, names: parameters.map(({ name }) => name) })
  const request = actions?.items?.[0]?.request
  if (!request) log.warn(`Request ${number} was not found, or you may not see any of its actions.`)
  const items: (Data | null)[] = request?.dataset?.items ?? []
  const current = new Map(items.map((data) => [data?.name, data]))
  for (const { name, textValue, numericValue, dateTimeValue, fileValue } of parameters) {
    const data = current.get(name)
    if (request && !data) {
      const requests = lacking.get(name) ?? []
      lacking.set(name, requests)
      requests.push(number)
    }
    yield {
      request: number,
      data: name,
      old: data?.textValue ?? data?.numericValue ?? data?.dateTimeValue ?? data?.fileValue?.name ?? null,
      new: textValue ?? numericValue ?? dateTimeValue ?? fileValue?.upload.name,
    }
  }
}
