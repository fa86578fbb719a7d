/** List the open actions that wait on someone. */
import * as v from 'valibot'
import { defineScript, gql } from '#wfg'

const PendingActions = gql`
  query PendingActions($page: Int, $size: Int, $since: DateTime) {
    actions(page: { number: $page, size: $size }, filter: { createdSince: $since }) {
      totalCount
      hasNextPage
      items {
        id
        number
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
`

export default defineScript({
  args: v.object({
    since: v.optional(v.pipe(v.string(), v.isoDate(), v.description('only actions opened since this day'))),
  }),
  async *run({ args, wfg }) {
    for await (const action of wfg.paginate(PendingActions, { since: args.since })) {
      if (action.closedAt || !action.assignee) continue
      yield {
        request: action.request.number,
        action: action.name,
        assignee: action.assignee.userName,
        opened: action.openedAt.slice(0, 10),
      }
    }
  },
})
