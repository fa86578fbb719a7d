/**
 * Start one request for each row of a CSV or Excel file.
 *
 * The columns are data fields of the process, such as `SUBJECT,AMOUNT,DUE,CONTRACT`. Their types are read from its requests. If
 * no request has such data yet, or your server tells no types, write them: `SUBJECT:text,AMOUNT:number,DUE:date,CONTRACT:file`.
 * In texts, write numbers as 1234.5, or as 1234,5 if commas do not separate the cells, and dates as 2026-11-24 or
 * 2026-11-24T09:30:00Z, or with `--dates dmy` as 24.11.2026. An empty cell sets no value, and empty rows are skipped.
 *
 * Reads the file and the files that it names, with paths relative to its folder. Starts several requests at a time, and
 * writes a journal beside the file. Every row is checked before the first is sent. You can run it again, even after you
 * have added rows or moved columns: only rows that were not started yet are sent. A dry run shows every row. Two equal rows
 * are two requests. If you rename the file, rename its journal too: a run without it stops if the old journal is beside
 * the file.
 *
 * With `--key COLUMN`, the cell of that column names the row. A row that was corrected after it was started is `changed`
 * and not started again. When a response is lost, the script looks for the request among those of the process: one with
 * that key, or without `--key` one with all data of the row. It starts the row again only if there is none. A row for which
 * it cannot tell stays `unknown`: check in WorkflowGen if it was started. The type name ParameterInput, the filter
 * processName and the field dataType are assumed: compare StartRequest, Started and ProcessData with your server's schema.
 */
import { existsSync, realpathSync } from 'node:fs'
import * as v from 'valibot'
import { defineScript, gql, RefusedError, UsageError } from '#wfg'
import { checkRows } from './_import/check_rows.ts'
import { counts, doubtOf, nextStep, rowsText, trouble, unknownRow } from './_import/closing.ts'
import { dataColumns, messageOf, parametersOf } from './_import/columns.ts'
import { TABLE_FLAGS } from './_import/flags.ts'
import { processData } from './_import/process_data.ts'
import { type RowKeys, rowKeys } from './_import/row_keys.ts'
import { startedRequests } from './_import/started.ts'

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
    process: v.pipe(v.string(), v.nonEmpty(), v.description('name of the process')),
    processVersion: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description('its version'))),
    ...TABLE_FLAGS,
    key: v.optional(
      v.pipe(
        v.string(),
        v.nonEmpty(),
        v.description('column whose cells name the rows, such as ORDER_NUMBER; the same in each run'),
      ),
    ),
    journal: v.optional(v.pipe(v.string(), v.nonEmpty(), v.description('default: <file>.journal.ndjson'))),
    resendUnknown: v.optional(
      v.pipe(
        v.boolean(),
        v.description('send unknown rows again without looking for them, which may start a request twice'),
      ),
      false,
    ),
  }),
  positionals: ['file'],
  examples: [
    'requests.csv --process PURCHASE_ORDER --process-version 2 --dry-run',
    'requests.csv --process PURCHASE_ORDER --key ORDER_NUMBER',
    'requests.xlsx --sheet May --process PURCHASE_ORDER',
  ],
  async *run({ args, wfg, server, log, progress, confirm, command }) {
    const { process, processVersion: version } = args
    const { dryRun } = await server()
    let keys: RowKeys | undefined
    const data = await processData(wfg, process)
    const checked = await checkRows(args.file, args, (table, report) => {
      const columns = dataColumns(table, report, { dates: args.dates, data, mustBeKnown: true })
      const found = rowKeys(columns, args.key, report)
      keys ??= found
      return (cells, _row, report) => {
        const parameters = parametersOf(columns, cells, report)
        found.add(parameters, report)
        return parameters
      }
    })
    const { fields, parts, keyOf, isOnly } = keys!
    const started = startedRequests(wfg, process, fields)
    let changes = 0
    let found = 0
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
    // A link to the file is the same file.
    const journal = args.journal ?? `${realpathSync(args.file)}.journal.ndjson`
    const outcomes = wfg.bulk(
      StartRequest,
      { [Symbol.asyncIterator]: requests },
      {
        journal,
        ...(args.key === undefined ? {} : { key: ({ parameters }) => keyOf(parameters) }),
        async find({ parameters }, since) {
          if (!isOnly(parameters))
            throw new UsageError('Other rows have the same data, and only --key tells them apart.')
          const number = await started.find(parts(parameters), since)
          if (number === undefined) return undefined
          found += 1
          return { createRequest: { request: { number } } }
        },
        async beforeSending(plan) {
          const doubt = doubtOf(plan, args.key !== undefined)
          if (doubt !== undefined && !(await confirm(`${doubt} Go on?`)))
            throw new RefusedError('Refused to start the new rows: the answer was no. Nothing was sent.')
        },
        resendUnknown: args.resendUnknown,
        timeoutMs: TIMEOUT_MS,
        onProgress: (ended) => progress(ended, checked.count, trouble(outcomes.summary)),
      },
    )
    try {
      for await (const { index, variables, status, key: name, changed, data, error } of outcomes) {
        const { parameters } = variables
        const request = data?.createRequest?.request?.number ?? null
        const key = args.key === undefined ? {} : { key: keyOf(parameters) }
        if (changed) changes += 1
        const shown = changed ? 'changed' : dryRun && status === 'skipped' ? 'dry run' : status
        const message = changed
          ? await started.differences(request, parameters)
          : status === 'unknown'
            ? unknownRow(error, name, journal, command)
            : messageOf(error, parameters)
        yield { row: rows[index], ...key, status: shown, request, error: message }
      }
    } finally {
      const { summary } = outcomes
      const { skipped } = summary
      const edited = changes === 0 ? '' : `, ${changes} of them changed since (update-data changes requests)`
      const before = skipped === 0 ? '' : `, ${skipped} started by an earlier run${edited}`
      const ended = dryRun
        ? `a dry run, nothing was sent${existsSync(journal) ? '; a real run skips what its journal records as done' : ''}. Next: run it without --dry-run.`
        : `${counts(summary, 'started', found)}${before}. ${nextStep(summary, journal, command)}`
      // Without any outcome, the error says what happened.
      if (checked.count === 0 || Object.values(summary).some((count) => count > 0))
        log(`${rowsText(checked.count)}: ${ended}`)
    }
  },
})
