/**
 * Start one request for each row of a CSV file.
 *
 * The columns are data fields of the process, such as `SUBJECT,AMOUNT:number,DUE:date,CONTRACT:file`. Write numbers as
 * 1234.5, or as 1234,5 if commas do not separate the cells, and dates as 2026-11-24 or 2026-11-24T09:30:00Z. An empty cell
 * sets no value, and empty rows are skipped.
 *
 * Reads the CSV file and the files that it names, with paths relative to its folder. Starts several requests at a time, and
 * writes a journal beside the CSV file. Every row is checked before the first is sent. You can run it again, even after you
 * have added rows or moved columns: only rows that were not started yet are sent. A dry run shows every row. Two equal rows
 * are two requests. If you rename the CSV file, rename its journal too: a run without it stops if the old journal is beside
 * the file. A row whose response was lost is `unknown` and not sent again: check in WorkflowGen if it was started. The type
 * name ParameterInput is assumed: compare StartRequest with your server's schema.
 */
import { realpathSync } from 'node:fs'
import * as v from 'valibot'
import { defineScript, gql } from '#wfg'
import { checkRows } from './_csv_check.ts'
import { dataColumns, messageOf, parametersOf } from './_csv_columns.ts'

const StartRequest = gql(`
  mutation StartRequest($process: String!, $version: Int, $parameters: [ParameterInput!]!) {
    createRequest(input: { processName: $process, processVersion: $version, parameters: $parameters }) {
      request {
        number
      }
    }
  }
`)

/** An upload over a slow line takes minutes. */
const TIMEOUT_MS = 5 * 60_000

export default defineScript({
  args: v.object({
    file: v.pipe(v.string(), v.nonEmpty(), v.description('the CSV file')),
    process: v.pipe(v.string(), v.nonEmpty(), v.description('name of the process')),
    processVersion: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description('its version'))),
    journal: v.optional(v.pipe(v.string(), v.nonEmpty(), v.description('default: <file>.journal.ndjson'))),
    resendUnknown: v.optional(
      v.pipe(v.boolean(), v.description('also send unknown rows again, which may start a request twice')),
      false,
    ),
  }),
  positionals: ['file'],
  examples: [
    'requests.csv --process PURCHASE_ORDER --process-version 2 --dry-run',
    'requests.csv --process PURCHASE_ORDER',
  ],
  async *run({ args, wfg, server, log, progress }) {
    const { process, processVersion: version } = args
    const { dryRun } = await server()
    const checked = await checkRows(args.file, (csv, report) => {
      const columns = dataColumns(csv, report)
      return (cells, _row, report) => parametersOf(columns, cells, report)
    })
    /** The row of each entry. */
    const rows: number[] = []
    // `bulk` may read them twice.
    async function* requests() {
      rows.length = 0
      for await (const { row, value: parameters } of checked.rows()) {
        rows.push(row)
        yield { process, version, parameters }
      }
    }
    const outcomes = wfg.bulk(
      StartRequest,
      { [Symbol.asyncIterator]: requests },
      {
        // A link to the CSV file is the same file.
        journal: args.journal ?? `${realpathSync(args.file)}.journal.ndjson`,
        resendUnknown: args.resendUnknown,
        timeoutMs: TIMEOUT_MS,
        onProgress: (ended) => progress(ended, checked.count),
      },
    )
    try {
      for await (const { index, variables, status, data, error } of outcomes) {
        const request = data?.createRequest?.request?.number ?? null
        const shown = dryRun && status === 'skipped' ? 'dry run' : status
        yield { row: rows[index], status: shown, request, error: messageOf(error, variables.parameters) }
      }
    } finally {
      const { done, failed, unknown, skipped, unsent } = outcomes.summary
      const left = unsent === 0 ? '' : `, ${unsent} not sent`
      const before = skipped === 0 ? '' : `, ${skipped} started by an earlier run`
      const ended = dryRun
        ? 'a dry run, nothing was sent'
        : `${done} started, ${failed} failed, ${unknown} unknown${left}${before}`
      log(`${checked.count === 1 ? '1 row' : `${checked.count} rows`}: ${ended}.`)
    }
  },
})
