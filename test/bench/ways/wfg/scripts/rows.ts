/** Give all actions as rows. */
import * as v from 'valibot'
import { defineScript } from '#wfg'

export default defineScript({
  args: v.object({
    id: v.optional(v.pipe(v.boolean(), v.description('asks for what tells apart what was seen already')), true),
  }),
  async *run({ args, wfg }) {
    const document = `
      query Actions($page: Int, $size: Int) {
        actions(page: { number: $page, size: $size }) {
          totalCount hasNextPage
          items { ${args.id ? 'id' : ''} number name openedAt closedAt assignee { userName } request { number } }
        }
      }`
    for await (const { number, name, assignee } of wfg.paginate(document, { size: 100 })) {
      yield { number, name, assignee: assignee?.userName }
    }
  },
})
