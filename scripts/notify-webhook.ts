/**
 * Post a failed job to Teams or Slack.
 *
 * It is meant for `onFailure` in `tasks.ts`, and changes nothing in WorkflowGen. The address of the webhook is a secret, so
 * it is read from the environment variable WEBHOOK_URL of the worker and never shown. A Teams workflow gets an Adaptive
 * Card; Slack and all others get `{ "text": … }`. Try it by hand with the arguments of the example.
 */
import process from 'node:process'
import * as v from 'valibot'
import { defineScript, UsageError, WfgError } from '#wfg'

const TIMEOUT_SECONDS = 10
/** A chat shows the start; `runs show` has all of it. */
const MAX_ERROR_LENGTH = 1000

export default defineScript({
  args: v.object({
    task: v.pipe(v.string(), v.description('the task that failed')),
    id: v.pipe(v.string(), v.description('id of its job')),
    exitCode: v.pipe(v.number(), v.integer()),
    error: v.string(),
    attempts: v.pipe(v.number(), v.integer()),
    host: v.pipe(v.string(), v.description('the computer that it ran on')),
  }),
  examples: ['--task nightly --id 1b9d6bcd --exit-code 1 --error "Only a test" --attempts 1 --host here'],
  async run({ args, command, server, log, signal }) {
    const { task, id, exitCode, error, attempts, host } = args
    const url = webhook()
    const text = [
      `The task ${task} failed on ${host} (exit code ${exitCode}${attempts > 1 ? `, ${attempts} attempts` : ''}):`,
      error.length > MAX_ERROR_LENGTH ? `${error.slice(0, MAX_ERROR_LENGTH)}…` : error,
      `Details: ${command} runs show ${id.slice(0, 8)}`,
    ].join('\n\n')
    // A failure can be told with settings that are wrong: they may be why the job failed.
    const isDry = await server().then(
      ({ dryRun }) => dryRun,
      () => false,
    )
    if (isDry) return log(`Dry run: this was not posted.\n${text}`)
    const problem = await post(url, bodyOf(url, text), signal)
    if (problem) throw new WfgError(`Cannot post to the webhook of WEBHOOK_URL: ${problem}.`)
  },
})

// --- internal ---

/** @throws {UsageError} without the address */
function webhook(): URL {
  const text = process.env['WEBHOOK_URL']?.trim() ?? ''
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url?.hostname ?? '')
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback)) return url
  throw new UsageError(
    `Cannot post to a webhook: WEBHOOK_URL is ${text === '' ? 'not set' : 'not an https address'}. ` +
      'Set it, in the environment of the worker, to the address that Teams or Slack gave you.',
  )
}

function bodyOf({ pathname }: URL, text: string): object {
  if (!pathname.endsWith('/triggers/manual/paths/invoke')) return { text: escaped(text) }
  const content = { type: 'AdaptiveCard', version: '1.2', body: [{ type: 'TextBlock', text, wrap: true }] }
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] }
}

/** Otherwise an error with `<!channel>` in it would call everybody. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Returns why it failed. The errors of `fetch` may have the address in their text, so they are not passed on. */
async function post(url: URL, body: object, signal: AbortSignal): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(TIMEOUT_SECONDS * 1000)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // The message is for this server alone.
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
    await response.body?.cancel()
    return response.ok ? undefined : `its server answered with status ${response.status}`
  } catch {
    signal.throwIfAborted()
    return timeout.aborted ? `its server did not answer within ${TIMEOUT_SECONDS} s` : 'its server cannot be reached'
  }
}
