/**
 * Print open actions as they appear, for days; with `--exec`, run a command for each.
 *
 * Reads actions and writes nothing itself. It prints each action once, by its id. A new run starts with the actions that
 * appear from then on, or with those since `--since`. When the server, the network or the identity provider fails, it
 * reports that once, waits and goes on. It ends on Ctrl-C or SIGTERM. Output of the command goes to standard error.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { AccessTokenError, defineScript, GraphQLExecutionError, gql, TransportError } from '#wfg'

const NewActions = gql(`
  query NewActions($page: Int, $size: Int, $since: DateTime) {
    actions(page: { number: $page, size: $size }, filter: { createdSince: $since }) {
      hasNextPage
      items {
        id
        name
        openedAt
        closedAt
        assignee {
          userName
        }
        request {
          number
        }
      }
    }
  }
`)

/** Clocks of computers differ, and an action may become visible after a newer one. */
const OVERLAP_MS = 60 * 60_000
const MAX_WAIT_SECONDS = 300
const COMMAND_LIMIT = '60s'

export default defineScript({
  args: v.object({
    every: v.optional(
      v.pipe(v.number(), v.minValue(1), v.maxValue(86_400), v.description('seconds between two queries')),
      60,
    ),
    since: v.optional(v.pipe(v.date(), v.description('start with the actions opened since then'))),
    exec: v.optional(
      v.pipe(
        v.array(v.string()),
        v.description(
          'a program, then its own arguments; after them it gets the number of the request, the name of the action, and its assignee',
        ),
      ),
      [],
    ),
  }),
  examples: ['--every 30 --format ndjson', '--exec ./notify.sh', '--exec mail --exec=-s --exec "New action"'],
  async *run({ args, wfg, server, log, signal, $ }) {
    const startMs = args.since?.getTime() ?? Date.now()
    let sinceMs = args.since ? startMs : startMs - OVERLAP_MS
    /** When each action was opened, by id. */
    const seen = new Map<string, number>()
    let isFirst = true
    let failures = 0
    const opened = args.since ? `since ${args.since.toISOString()}` : 'from now on'
    log(`Watching ${(await server()).url} every ${args.every} s for actions opened ${opened}. Ctrl-C ends it.`)
    while (!signal.aborted) {
      try {
        let newestMs = sinceMs
        const actions = wfg.paginate(NewActions, { since: new Date(sinceMs).toISOString() })
        for await (const action of actions) {
          const openedMs = Date.parse(action.openedAt ?? '')
          if (Number.isNaN(openedMs) || openedMs < sinceMs || seen.has(action.id)) continue
          seen.set(action.id, openedMs)
          newestMs = Math.max(newestMs, openedMs)
          if (action.closedAt !== null || (isFirst && openedMs < startMs)) continue
          const request = action.request?.number ?? null
          const assignee = action.assignee?.userName ?? null
          yield { request, action: action.name, assignee, opened: action.openedAt }
          if (args.exec.length === 0) continue
          const command = [...args.exec, request ?? '', action.name ?? '', assignee ?? '']
          const { ok, exitCode, stdall } = await $({ nothrow: true, timeout: COMMAND_LIMIT })`${command}`
          if (stdall.trim() !== '') log(stdall.trimEnd())
          if (!ok && !signal.aborted) {
            const found = exitCode === null ? `it did not end within ${COMMAND_LIMIT}` : `exit code ${exitCode}`
            log.warn(`The command failed for request ${request}, ${action.name}: ${found}`)
          }
        }
        if (failures > 0) log('The server answers again.')
        failures = 0
        isFirst = false
        // Older actions are not queried any more, so they are forgotten.
        sinceMs = Math.max(sinceMs, newestMs - OVERLAP_MS)
        for (const [id, openedMs] of seen) if (openedMs < sinceMs) seen.delete(id)
      } catch (error) {
        if (!isPassing(error)) throw error
        if (failures === 0) log.warn(`${error.message} Retrying until it answers.`)
        failures += 1
      }
      const waitSeconds = Math.min(args.every * 2 ** failures, Math.max(args.every, MAX_WAIT_SECONDS))
      await sleep(waitSeconds * 1000, undefined, { signal }).catch(() => {})
    }
  },
})

// --- internal ---

/** True for an error that may pass. A wrong secret or an invalid document does not. */
function isPassing(error: unknown): error is Error {
  if (error instanceof AccessTokenError) return !error.permanent
  return error instanceof TransportError || error instanceof GraphQLExecutionError
}
