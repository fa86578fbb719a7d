/** The option `find` of a bulk: it settles what is unknown, and nothing else is asked for. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OutcomeUnknownError } from '../../../runtime/core/errors.ts'
import type { BulkOptions } from '../../../runtime/graphql/client/options.ts'
import type { BulkOutcome } from '../../../runtime/graphql/client/wfg.ts'
import { type ScriptedReply, withServer } from '../../_server.ts'
import { bulkClient, entries, type GraphQLServer, graphqlServer, outcomesOf, statuses, withJournal } from '../_bulk.ts'

const settle = suite('bulk_settle')

interface Run {
  readonly outcomes: readonly BulkOutcome[]
  readonly executed: readonly number[]
  /** The entries that were asked for, in order. */
  readonly asked: readonly number[]
  readonly sleptMs: number
}

/** Executes the mutation, and loses the answer. */
const lost =
  (server: GraphQLServer): ScriptedReply =>
  async (request) => {
    await (server.execute as (given: typeof request) => Promise<object>)(request)
    return { fault: 'reset-after-request' }
  }
const LOST: ScriptedReply = { fault: 'reset-after-request' }
const PROBE: ScriptedReply = { body: { data: { __typename: 'Query' } } }

/** `find` looks among what the server has executed, unless the options bring another. */
async function run(
  replies: (server: GraphQLServer) => readonly ScriptedReply[],
  options: Partial<BulkOptions> = {},
  server = graphqlServer(),
): Promise<Run> {
  const asked: number[] = []
  let sleptMs = 0
  let outcomes: readonly BulkOutcome[] = []
  await withServer(replies(server), async ({ url }) => {
    const { wfg, close } = bulkClient(url, {
      address: 'https://wfg.example.com/wfgen/graphql',
      slept(ms) {
        sleptMs = ms
      },
    })
    const find = ({ n }: Record<string, unknown>): unknown => {
      asked.push(n as number)
      return server.executions.has(n as number) ? { create: { n } } : undefined
    }
    try {
      outcomes = await outcomesOf(wfg, entries(3), { batchSize: 1, concurrency: 1, find, ...options })
    } finally {
      close()
    }
  })
  return { outcomes, executed: server.executed, asked, sleptMs }
}

settle('an entry whose answer is lost is done with the data that find gives, and no other is asked for', async () => {
  const { outcomes, executed, asked } = await run((server) => [server.execute, lost(server), PROBE, server.execute])
  assert.is(statuses(outcomes), 'done done done')
  assert.equal(outcomes[1]?.data, { create: { n: 2 } })
  assert.equal(executed, [1, 2, 3])
  assert.equal(asked, [2])
})

settle('an entry that is not found is sent again when settleMs have passed, and not before', async () => {
  const { outcomes, executed, asked, sleptMs } = await run(
    (server) => [server.execute, LOST, PROBE, server.execute, server.execute],
    { settleMs: 60_000 },
  )
  assert.is(statuses(outcomes), 'done done done')
  assert.equal(executed, [1, 3, 2])
  assert.equal(asked, [2, 2])
  assert.ok(sleptMs > 55_000 && sleptMs < 65_000, `${sleptMs} ms`)
})

settle('with settleMs 0, one that is not found is sent again at once', async () => {
  const { outcomes, executed, asked } = await run(
    (server) => [server.execute, LOST, PROBE, server.execute, server.execute],
    { settleMs: 0 },
  )
  assert.is(statuses(outcomes), 'done done done')
  assert.equal([executed.length, asked], [3, [2]])
})

settle('an entry stays unknown when find throws, and the error tells why', async () => {
  const find = () => {
    throw new Error('the search is closed')
  }
  const { outcomes, executed } = await run((server) => [server.execute, lost(server), PROBE, server.execute], { find })
  assert.is(statuses(outcomes), 'done unknown done')
  const error = outcomes[1]?.error as OutcomeUnknownError
  assert.instance(error, OutcomeUnknownError)
  assert.match(error.message, /The option find could not tell either\. It threw an error\.$/)
  assert.is((error.cause as Error).message, 'the search is closed')
  assert.equal(executed, [1, 2, 3])
})

settle('an entry that an earlier run left unknown is found, with its data, and skipped later', () =>
  withJournal(async (journal) => {
    const server = graphqlServer()
    const first = await run(
      (each) => [each.execute, lost(each), PROBE, each.execute],
      { journal, find: undefined as never },
      server,
    )
    assert.is(statuses(first.outcomes), 'done unknown done')
    const before = Date.now()
    let since: Date | undefined
    const find = ({ n }: Record<string, unknown>, from: Date) => {
      since = from
      return { create: { n } }
    }
    const second = await run(() => [], { journal, find }, server)
    assert.is(statuses(second.outcomes), 'skipped done skipped')
    assert.equal(
      second.outcomes.map(({ data }) => data),
      [1, 2, 3].map((n) => ({ create: { n } })),
    )
    assert.ok(since && since.getTime() <= before && since.getTime() > before - 60_000, String(since))
    const third = await run(() => [], { journal }, server)
    assert.is(statuses(third.outcomes), 'skipped skipped skipped')
    assert.equal(third.outcomes[1]?.data, { create: { n: 2 } })
    assert.equal(third.asked, [])
    assert.equal(server.executed, [1, 2, 3])
  }),
)

settle('one that an earlier run left unknown and the server does not have is sent, in one batch with others', () =>
  withJournal(async (journal) => {
    const server = graphqlServer()
    const all = { journal, batchSize: 3 }
    await run(() => [LOST], { ...all, find: undefined as never, outageMs: 0 }, server)
    const { outcomes, executed, asked } = await run((each) => [each.execute], { ...all, settleMs: 0 }, server)
    assert.is(statuses(outcomes), 'done done done')
    assert.equal(
      [executed, asked],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    )
  }),
)

settle.run()
