import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fakeWfg } from '#wfg/testing'
import script from '../../scripts/export-requests.ts'
import { rejects } from '../_assert.ts'
import { contextOf } from './_context.ts'
import { type Row, withSandboxes, withScripts } from './_scripts.ts'

const exportRequests = suite('export-requests')

exportRequests('a range holds what was opened from its start up to its end, which the next range begins with', () =>
  withScripts((scripts) =>
    withSandboxes(async ({ current }) => {
      const range = async (from: string, to: string) =>
        scripts.here.rows(['export-requests', '--from', from, '--to', to], { env: current.settings })
      // The instant at which request 398 was opened.
      const middle = '2026-11-18T22:11:17.835Z'
      const first = await range('2026-10-01', middle)
      const second = await range(middle, '2026-11-20')
      const both = await range('2026-10-01', '2026-11-20')
      assert.is(second.rows[0]?.['request'], 398)
      assert.equal([...first.rows, ...second.rows], both.rows)
      const numbers = both.rows.map(({ request }) => Number(request))
      assert.equal(
        numbers,
        numbers.toSorted((a, b) => a - b),
      )
      assert.match(first.stderr, `Exported ${first.rows.length} requests. Continue with --from ${middle}\n`)
    }),
  ),
)

exportRequests('--field makes columns of texts, numbers, dates and files, in every row', () =>
  withScripts((scripts) =>
    withSandboxes(async ({ current }) => {
      const fields = ['AMOUNT', 'SUPPLIER', 'DELIVERY_DATE', 'QUOTE', 'NO_DATA']
      const { rows, stderr } = await scripts.rows(
        ['export-requests', '--from', '2026-11-15', ...fields.flatMap((field) => ['--field', field])],
        { env: current.settings },
      )
      assert.equal(
        rows.find(({ request }) => request === 398),
        {
          request: 398,
          description: 'Purchase order of Maria Garcia',
          status: 'OPEN',
          requester: 'maria_garcia',
          opened: '2026-11-18T22:11:17.835Z',
          closed: null,
          AMOUNT: 7436.46,
          SUPPLIER: 'Lumen Electric',
          DELIVERY_DATE: '2026-12-30T22:11:17.835Z',
          QUOTE: 'quote-398.txt',
          NO_DATA: null,
        },
      )
      for (const row of rows) assert.equal(Object.keys(row).slice(6), fields)
      assert.equal(stderr.match(/warning: .*/g), ['warning: No request has the data NO_DATA; check its spelling.'])
    }),
  ),
)

exportRequests('--help names all that --from takes', () =>
  withScripts(async (scripts) => {
    const { stdout } = await scripts.here.run(['export-requests', '--help'])
    const help = stdout.replaceAll(/\s+/g, ' ')
    for (const part of [
      'a day begins at 00:00 UTC',
      'without Z or an offset such as +01:00 is local',
      'with a time (YYYY-MM-DDThh:mmZ)',
    ])
      assert.ok(help.includes(part), part)
  }),
)

exportRequests('--to before --from is refused', () =>
  withScripts(async (scripts) => {
    const { status, stderr } = await scripts.here.run(['export-requests', '--from', '2026-11-02', '--to', '2026-11-01'])
    assert.is(status, 2)
    assert.match(stderr, '--to needs to be later than --from')
  }),
)

exportRequests('run() reads the whole range when it is continued where it stopped', async () => {
  const instants = ['2026-11-01T08:00:00.000Z', '2026-11-01T08:00:00.000Z', '2026-11-02T08:00:00.000Z']
  const requests = instants.map((openedAt, index) => request(index + 1, openedAt))
  const broken = fakeWfg({
    Requests: ({ page }) => {
      if (page !== 1) throw new Error('the database is away')
      return { requests: { totalCount: 3, hasNextPage: true, items: requests.slice(0, 1) } }
    },
  })
  const stopped = contextOf({ from: undefined, to: undefined, field: [] }, broken)
  const rows: Row[] = []
  await rejects(() => collect(script.run(stopped.context), rows), { message: /the database is away/ })
  assert.equal(stopped.said, ['Stopped after 1 request. Continue with --from 2026-11-01T08:00:00.000Z'])

  const whole = fakeWfg({ Requests: { requests: { totalCount: 3, hasNextPage: false, items: requests } } })
  const next = contextOf({ from: new Date(instants[0]!), to: undefined, field: [] }, whole)
  await collect(script.run(next.context), rows)
  assert.equal([...new Set(rows.map(({ request }) => request))], [1, 2, 3])
  assert.equal(next.said, ['Exported 3 requests. Continue with --from 2026-11-02T08:00:00.000Z'])
})

exportRequests('run() says to start again when it stopped and the order was another', async () => {
  const days = ['2026-11-02T08:00:00.000Z', '2026-11-01T08:00:00.000Z', '2026-11-03T08:00:00.000Z']
  const items = days.map((openedAt, index) => request(index + 1, openedAt))
  const wfg = fakeWfg({ Requests: { requests: { totalCount: 3, hasNextPage: false, items } } })
  const { context, said } = contextOf({ from: undefined, to: undefined, field: [] }, wfg)
  let taken = 0
  for await (const _row of script.run(context)) if (++taken === 2) break
  assert.equal(said, [
    'warning: Stopped after 2 requests. The server does not send the oldest first, so start again from the beginning.',
  ])
})

exportRequests('run() does not fail where the server answers null, and asks for no data unless wanted', async () => {
  const bare = { ...request(1, '2026-11-01T08:00:00.000Z'), requester: null }
  const items = [null, { ...bare, id: 'a', dataset: null }, { ...bare, id: 'b', dataset: { items: [null] } }]
  const wfg = fakeWfg({ RequestsWithData: { requests: { totalCount: 3, hasNextPage: false, items } } })
  const { context } = contextOf({ from: undefined, to: undefined, field: ['AMOUNT'] }, wfg)
  const rows: Row[] = []
  await collect(script.run(context), rows)
  assert.equal(
    rows.map(({ requester, AMOUNT }) => [requester, AMOUNT]),
    [
      [null, null],
      [null, null],
    ],
  )
})

function request(number: number, openedAt: string) {
  const requester = { userName: 'john_smith' }
  return { id: String(number), number, description: null, status: 'OPEN', openedAt, closedAt: null, requester }
}

async function collect(from: AsyncIterable<Row>, rows: Row[]): Promise<void> {
  for await (const row of from) rows.push(row)
}

exportRequests.run()
