import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphQLExecutionError, GraphQLRequestError, TransportError, type Wfg } from '#wfg'
import { processData } from '../../../scripts/_import/process_data.ts'
import { rejects } from '../../_assert.ts'

const data = suite('scripts/_import/process_data')

const read = (answer: () => Promise<unknown>) => processData(answer as unknown as Wfg, 'Orders')
const errors = [{ message: 'Cannot query field "dataType" on type "Data".' }]

data('processData() takes the types from requests of that process alone', async () => {
  const request = (process: string, items: unknown) => ({ process: { name: process }, dataset: { items } })
  const amount = { name: 'Amount', dataType: 'NUMERIC' }
  const due = { name: 'DUE', dataType: 'DATETIME' }
  const items = [
    null,
    request('ORDERS', [amount, null]),
    request('Others', [{ name: 'X', dataType: 'TEXT' }]),
    request('Orders', [due]),
    { process: null, dataset: null },
  ]
  const found = await read(() => Promise.resolve({ requests: { items } }))
  assert.equal(
    [...found!],
    [
      ['AMOUNT', amount],
      ['DUE', due],
    ],
  )
})

data(
  'processData() has nothing when there is no request, or they cannot be read, or the server has no such fields, and stops at other errors',
  async () => {
    const noField = new GraphQLRequestError('Its schema has no such field.', { errors })
    assert.is(await read(() => Promise.reject(noField)), undefined)
    // Not undefined: an outage must not change the types of columns that an earlier run had read.
    const failed = new GraphQLExecutionError('Its database is busy.', { errors, data: { requests: null } })
    assert.is((await read(() => Promise.reject(failed)))?.size, 0)
    for (const requests of [null, { items: null }, { items: [{ process: { name: 'Orders' }, dataset: null }] }]) {
      assert.is((await read(() => Promise.resolve({ requests })))?.size, 0)
    }
    const gone = new TransportError('No connection.', { code: 'WFG_NETWORK' })
    await rejects(
      read(() => Promise.reject(gone)),
      { instance: TransportError },
    )
  },
)

data.run()
