/** Read all actions, and tell how many and how long it took once the token was there. */
import { defineScript, gql } from '#wfg'

const Actions = gql`
  query Actions($page: Int, $size: Int) {
    actions(page: { number: $page, size: $size }) {
      totalCount hasNextPage
      items { id number name openedAt closedAt assignee { userName } request { number } }
    }
  }`

export default defineScript({
  async run({ wfg, token }) {
    // An isolated script gets no token; then the time includes the parent's.
    await token.get().catch(() => {})
    const startedMs = performance.now()
    let count = 0
    for await (const action of wfg.paginate(Actions, { size: 100 })) if (action.id) count++
    return { count, ms: performance.now() - startedMs }
  },
})
