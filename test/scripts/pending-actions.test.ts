import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fakeWfg } from '#wfg/testing'
import script from '../../scripts/pending-actions.ts'
import { contextOf } from './_context.ts'
import { type Row, withSandboxes, withScripts } from './_scripts.ts'

const pendingActions = suite('pending-actions')

/** Rows for each of these command lines, against one sandbox. */
async function rowsFor(...commandLines: readonly (readonly string[])[]): Promise<Row[][]> {
  const found: Row[][] = []
  await withScripts((scripts) =>
    withSandboxes(async ({ current }) => {
      for (const args of commandLines) {
        found.push((await scripts.here.rows(['pending-actions', ...args], { env: current.settings })).rows)
      }
    }),
  )
  return found
}

pendingActions('every open action is there, the oldest first, those of nobody too', () =>
  withScripts((scripts) =>
    withSandboxes(async ({ current }) => {
      const { rows } = await scripts.rows(['pending-actions'], { env: current.settings })
      assert.is(rows.length, 41)
      assert.equal(Object.keys(rows[0]!), ['request', 'process', 'action', 'assignee', 'opened'])
      const days = rows.map(({ opened }) => String(opened))
      assert.equal(days, days.toSorted())
      assert.ok(rows.some(({ assignee }) => assignee === null))
    }),
  ),
)

pendingActions('--process, --assignee, --unassigned and --since narrow it down together', async () => {
  const [all = [], process = [], both = [], nobody, since, unknown] = await rowsFor(
    [],
    ['--process', 'PURCHASE_ORDER'],
    ['--process', 'PURCHASE_ORDER', '--assignee', 'luc_tremblay'],
    ['--unassigned'],
    ['--since', '2026-11-01'],
    ['--process', 'NO_SUCH_PROCESS'],
  )
  assert.equal(
    process,
    all.filter((row) => row['process'] === 'PURCHASE_ORDER'),
  )
  assert.equal(
    both,
    process.filter(({ assignee }) => assignee === 'luc_tremblay'),
  )
  assert.ok(both.length > 0 && both.length < process.length)
  assert.equal(
    nobody,
    all.filter(({ assignee }) => assignee === null),
  )
  assert.equal(
    since,
    all.filter(({ opened }) => String(opened) >= '2026-11-01'),
  )
  assert.equal(unknown, [])
})

pendingActions('--older-than-days leaves out what is younger', async () => {
  const { context } = contextOf({ olderThanDays: 7, unassigned: false }, fakeWfg({ PendingActions: page([6.9, 7.1]) }))
  assert.equal(
    (await script.run(context)).map(({ request }) => request),
    [2],
  )
})

pendingActions('run() leaves nothing out and does not fail where the server answers null', async () => {
  const action = { name: '1-REQUESTS', openedAt: '2026-11-20T15:42:10.113Z', closedAt: null }
  const bare = { ...action, id: 'a', assignee: null, activity: null, request: null }
  const wfg = fakeWfg({
    PendingActions: {
      actions: {
        totalCount: 3,
        hasNextPage: false,
        items: [null, bare, { ...bare, id: 'b', activity: { process: null } }],
      },
    },
  })
  const { context } = contextOf({ olderThanDays: 0, unassigned: false }, wfg)
  const row = {
    request: null,
    process: null,
    action: '1-REQUESTS',
    assignee: null,
    opened: '2026-11-20',
  }
  assert.equal(await script.run(context), [row, row])
})

/** Open actions of these ages in days, numbered from 1. */
function page(ages: readonly number[]) {
  const items = ages.map((days, index) => ({
    id: String(index),
    name: '1-REQUESTS',
    openedAt: new Date(Date.now() - days * 86_400_000).toISOString(),
    closedAt: null,
    assignee: null,
    activity: null,
    request: { number: index + 1 },
  }))
  return { actions: { totalCount: items.length, hasNextPage: false, items } }
}

pendingActions.run()
