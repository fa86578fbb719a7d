/** Shows what a journal records, and settles by hand what is unknown. */
import { existsSync } from 'node:fs'
import { UsageError } from '../../core/errors.ts'
import { quotedPath } from '../../core/visible.ts'
import { settleByHand, summarize } from '../../graphql/bulk/journal/by_hand.ts'
import { writeRows } from '../../tasks/output/write_rows.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'
import { USAGES } from '../usages.ts'

export async function run(call: CommandCall): Promise<void> {
  const { host, flags, lifecycle } = call
  lifecycle.subject = 'The journal'
  const several = { type: 'string', multiple: true } as const
  const { values, positionals } = commandArguments('journal', call.args, {
    ...{ json: { type: 'boolean' }, request: { type: 'string' } },
    ...{ done: several, 'not-done': several },
  })
  const [given, ...more] = positionals
  if (given === undefined) throw unfit('it needs the file of a journal')
  // The journal of start-requests stands beside its table.
  const beside = `${given}.journal.ndjson`
  const path = existsSync(beside) ? beside : given
  if (/\.(csv|tsv|xlsx)$/i.test(path))
    throw new UsageError(
      `Cannot show the journal of ${quotedPath(given)}: there is no ${quotedPath(beside)}, so no run has sent anything.`,
    )
  const done = values['done'] as string[] | undefined
  const notDone = values['not-done'] as string[] | undefined
  if (done && notDone) throw unfit('--done and --not-done do not go together')
  const keys = [...(done ?? notDone ?? []), ...more]
  const request = readRequest(values['request'])
  if (request !== undefined && !(done && keys.length === 1)) throw unfit('--request goes with one key after --done')
  if (done || notDone) {
    const data = request === undefined ? undefined : { createRequest: { request: { number: request } } }
    await settleByHand(host, path, keys, done ? 'done' : 'unsent', data)
  } else if (more.length > 0) throw unfit('it takes one file; keys come after --done or --not-done')
  const summary = await summarize(path)
  const { server, done: count, toSend, unknown } = summary
  if (values['json'] || flags.format === 'json') {
    return writeRows(host, summary, { ...flags, format: 'json' }, lifecycle.signal)
  }
  const counts = `${server}: ${count} done, ${unknown.length} unknown, ${toSend} to send again. What no run has tried yet is not in it.\n`
  const isText = flags.format === undefined && flags.out === undefined
  await (isText ? host.stdout : host.stderr).write(counts)
  if (unknown.length > 0 || !isText)
    await writeRows(host, unknown, isText ? { ...flags, format: 'table' } : flags, lifecycle.signal)
}

// --- internal ---

function readRequest(text: unknown): number | undefined {
  if (text === undefined || /^[1-9]\d*$/.test(String(text))) return text === undefined ? undefined : Number(text)
  throw unfit('--request needs the number of a request')
}

function unfit(problem: string): UsageError {
  return new UsageError(`Cannot run the command journal: ${problem}. Expected ${USAGES.journal.usage}.`)
}
