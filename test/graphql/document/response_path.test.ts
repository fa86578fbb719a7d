import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../runtime/core/errors.ts'
import { readOperation } from '../../../runtime/graphql/document/operation.ts'
import { readResponsePath, valueAt } from '../../../runtime/graphql/document/response_path.ts'
import { rejects } from '../../_assert.ts'

const path = suite('graphql/response_path')

const operation = readOperation(`query {
  me: viewer { userName ...More }
  actions { items { name ... on Action { request { number } } } }
}
fragment More on User { actions { items { id } } }`)

path('readResponsePath() follows response names through fragments', () => {
  assert.equal(readResponsePath(operation, 'me.actions.items.id'), ['me', 'actions', 'items', 'id'])
  assert.equal(readResponsePath(operation, 'actions.items.request'), ['actions', 'items', 'request'])
})

for (const [given, message] of [
  ['viewer.userName', 'the operation selects no "viewer"; it selects me, actions. Nothing was sent.'],
  ['me.usrName', '"me" selects no "usrName"; did you mean "userName"? Nothing was sent.'],
  ['me.userName.x', '"me.userName" selects no "x"; it has no fields. Nothing was sent.'],
  ['me..id', '"me" selects no ""; it selects userName, actions. Nothing was sent.'],
] as const) {
  path(`${JSON.stringify(given)} is refused`, async () => {
    await rejects(() => readResponsePath(operation, given), {
      instance: UsageError,
      message: `Cannot use the path ${JSON.stringify(given)}: ${message}`,
    })
  })
}

path('valueAt() returns the value, for a list of each entry, and null below null', () => {
  const data = { a: { b: [{ c: 1 }, null, { c: null }, { c: 4 }] }, n: null }
  assert.equal(valueAt(data, []), data)
  assert.equal(valueAt(data, ['a', 'b']), data.a.b)
  assert.equal(valueAt(data, ['a', 'b', 'c']), [1, null, null, 4])
  assert.is(valueAt(data, ['n', 'b', 'c']), null)
  assert.is(valueAt(null, ['a']), null)
})

path.run()
