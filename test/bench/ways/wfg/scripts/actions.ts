/** List the open actions: one query. */
import * as v from 'valibot'
import { defineScript, gql } from '#wfg'

const Actions = gql`
  query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`

export default defineScript({
  args: v.object({ user: v.optional(v.pipe(v.string(), v.description('only those of this user'))) }),
  async *run({ args, wfg }) {
    for await (const action of wfg.paginate(Actions)) {
      const assignee = action.assignee?.userName
      if (args.user && assignee !== args.user) continue
      yield { request: action.request.number, action: action.name, assignee }
    }
  },
})
