/**
 * List the open actions that wait, oldest first.
 *
 * Reads actions and writes nothing, so you can run it at any time. It reads every action opened since `--since`, closed
 * ones too, because not every server is known to filter by state. On a large server, give a day.
 */
import * as v from 'valibot'
import { defineScript, gql } from '#wfg'

const PendingActions = gql(`
  query PendingActions($page: Int, $size: Int, $since: DateTime) {
    actions(page: { number: $page, size: $size }, filter: { createdSince: $since }) {
      totalCount
      hasNextPage
      items {
        id
        name
        openedAt
        closedAt
        assignee {
          userName
        }
        activity {
          process {
            name
          }
        }
        request {
          number
        }
      }
    }
  }
`)

const DAY_MS = 86_400_000

export default defineScript({
  args: v.object({
    since: v.optional(v.pipe(v.string(), v.isoDate(), v.description('only actions opened since this day'))),
    olderThanDays: v.optional(v.pipe(v.number(), v.minValue(0), v.description('only actions open for longer')), 0),
    process: v.optional(v.pipe(v.string(), v.description('only actions of the process with this name'))),
    assignee: v.optional(v.pipe(v.string(), v.description('only actions assigned to this user'))),
    unassigned: v.optional(v.pipe(v.boolean(), v.description('only actions assigned to nobody')), false),
  }),
  examples: ['--older-than-days 7', '--process PURCHASE_ORDER --assignee john_smith', '--unassigned --format csv'],
  async run({ args, wfg }) {
    const openedBeforeMs = Date.now() - args.olderThanDays * DAY_MS
    const waiting = []
    const actions = wfg.paginate(PendingActions, { since: args.since })
    for await (const action of actions) {
      if (action.closedAt !== null || Date.parse(action.openedAt ?? '') > openedBeforeMs) continue
      if (args.process !== undefined && action.activity?.process?.name !== args.process) continue
      if (args.assignee !== undefined && action.assignee?.userName !== args.assignee) continue
      if (args.unassigned && action.assignee !== null) continue
      waiting.push(action)
    }
    return waiting
      .sort((a, b) => Date.parse(a.openedAt ?? '') - Date.parse(b.openedAt ?? ''))
      .map((action) => ({
        request: action.request?.number ?? null,
        process: action.activity?.process?.name ?? null,
        action: action.name,
        assignee: action.assignee?.userName ?? null,
        opened: action.openedAt?.slice(0, 10) ?? null,
      }))
  },
})
