import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { viewerName } from '../../../runtime/graphql/client/viewer_name.ts'
import { readOperation } from '../../../runtime/graphql/document/operation.ts'

const viewer = suite('graphql/viewer_name')

for (const [document, data, name] of [
  ['{ viewer { userName } }', { viewer: { userName: 'ada' } }, 'ada'],
  ['{ me: viewer { name: userName } }', { me: { name: 'ada' } }, 'ada'],
  ['{ viewer: user(id: 3) { userName } }', { viewer: { userName: 'bob' } }, undefined],
  ['{ viewer { userName: email } }', { viewer: { userName: 'a@b.example' } }, undefined],
  [
    'query { ...Q } fragment Q on Query { viewer { ...U } } fragment U on User { userName }',
    { viewer: { userName: 'ada' } },
    'ada',
  ],
  ['{ viewer { id } me: viewer { ... on User { userName } } }', { viewer: { id: 1 }, me: { userName: 'ada' } }, 'ada'],
  ['{ viewer { userName } }', { viewer: null }, undefined],
  ['{ viewer { userName } }', null, undefined],
  ['{ viewer { userName } }', { viewer: { userName: 7 } }, undefined],
] as const) {
  viewer(`viewerName() of ${document} with ${JSON.stringify(data)} is ${name}`, () => {
    assert.is(viewerName(readOperation(document), data), name)
  })
}

viewer.run()
