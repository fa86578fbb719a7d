import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphQLExecutionError, GraphQLRequestError, TransportError, type Wfg } from '#wfg'
import { processData } from '../../../scripts/_import/process_data.ts'
import { rejects } from '../../_assert.ts'

const data = suite('scripts/_import/process_data')

const answers = (answer: () => Promise<unknown>) => answer as unknown as Wfg
const errors = [{ message: 'Cannot query field "dataset" on type "Process".' }]

data('processData() knows nothing when the server does not tell it, and stops at other errors', async () => {
  for (const error of [
    new GraphQLRequestError('Its schema has no such field.', { errors }),
    new GraphQLExecutionError('This user may not.', { errors, data: { process: null } }),
  ]) {
    assert.is(
      await processData(
        answers(() => Promise.reject(error)),
        'X',
        undefined,
      ),
      undefined,
    )
  }
  for (const process of [null, { dataset: null }, { dataset: { items: [] } }, { dataset: { items: [null] } }]) {
    assert.is(
      await processData(
        answers(() => Promise.resolve({ process })),
        'X',
        undefined,
      ),
      undefined,
    )
  }
  const gone = new TransportError('No connection.', { code: 'WFG_NETWORK' })
  await rejects(
    processData(
      answers(() => Promise.reject(gone)),
      'X',
      1,
    ),
    { instance: TransportError },
  )
})

data.run()
