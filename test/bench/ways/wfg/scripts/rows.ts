/** Give all actions as rows. */
import { defineScript, gql } from '#wfg'

const Actions = gql`
  query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`

export default defineScript({
  async *run({ wfg }) {
    for await (const { id, name, assignee } of wfg.paginate(Actions, { size: 100 })) {
      yield { id, name, assignee: assignee?.userName }
    }
  },
})
