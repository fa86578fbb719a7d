import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError, type Wfg } from '#wfg'
import type { Parameter } from '../../../scripts/_import/columns.ts'
import { startedRequests } from '../../../scripts/_import/started.ts'
import { rejects } from '../../_assert.ts'

const started = suite('scripts/_import/started')

const WANTED: readonly Parameter[] = [
  { name: 'ITEM', textValue: 'Desk\r\noak' },
  { name: 'AMOUNT', numericValue: 1.005 },
  { name: 'DUE', dateTimeValue: '2026-12-01' },
]

/** Looks for it among requests that have it with these changes. */
function find(...changes: readonly (Readonly<Record<string, unknown>> | null)[]): Promise<number | undefined> {
  const requests = changes.map((change, index) => ({
    number: index + 1,
    dataset: change && { items: WANTED.map(({ name, ...value }) => ({ name, ...value, ...(change[name] as object) })) },
  }))
  const wfg = { paginate: () => requests } as unknown as Wfg
  return startedRequests(wfg, 'P', ['ITEM', 'AMOUNT', 'DUE']).find(WANTED, new Date())
}

started('find() gives the request with the same data, and none if all others are of other rows', async () => {
  const others = [
    { ITEM: { textValue: 'Lamp' } },
    { AMOUNT: { numericValue: 2 } },
    { DUE: { dateTimeValue: '2026-12-02' } },
  ]
  assert.is(await find(...others), undefined)
  assert.is(await find(...others, {}), 4)
})

started('find() does not tell if the server may have stored the row in its own way, or shows no data', async () => {
  const near = { instance: UsageError, message: 'Request 1 has nearly its data, and may be that of the row.' }
  for (const change of [
    { ITEM: { textValue: 'desk\noak ' } },
    { AMOUNT: { numericValue: 1.01 } },
    { DUE: { dateTimeValue: '2026-11-30T23:00:00.000Z' } },
  ]) {
    await rejects(find(change), near)
  }
  await rejects(find(null), { instance: UsageError, message: 'The data of a request is hidden.' })
})

started.run()
