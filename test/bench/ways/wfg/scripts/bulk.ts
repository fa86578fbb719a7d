/** Start many requests, with a journal, and tell how many are done, now or before, and how long it took once the token was there. */
import * as v from 'valibot'
import { defineScript, gql } from '#wfg'

const StartRequest = gql`
  mutation StartRequest($process: String!, $parameters: [ParameterInput!]!) {
    createRequest(input: { processName: $process, parameters: $parameters }) {
      request { number }
    }
  }`

export default defineScript({
  args: v.object({ journal: v.string(), count: v.number() }),
  async run({ args, wfg, token }) {
    await token.get()
    const startedMs = performance.now()
    const entries = Array.from({ length: args.count }, (_, at) => ({
      process: 'PURCHASE_ORDER',
      parameters: [{ name: 'SUBJECT', textValue: `Order ${at}` }],
    }))
    let count = 0
    for await (const { status } of wfg.bulk(StartRequest, entries, { journal: args.journal })) {
      if (status === 'done' || status === 'skipped') count++
    }
    return { count, ms: performance.now() - startedMs }
  },
})
