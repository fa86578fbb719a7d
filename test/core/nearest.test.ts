import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { didYouMean, nearest } from '../../runtime/core/nearest.ts'

const nearness = suite('nearest')

const NAMES = ['pending-actions', 'export-requests', 'list', 'sr']

for (const [word, expected] of [
  ['pendng-actions', 'pending-actions'],
  ['pending-actoins', 'pending-actions'],
  ['EXPORT-REQUESTS', 'export-requests'],
  ['export', 'export-requests'],
  ['lits', 'list'],
  ['rs', 'sr'],
  ['x', undefined],
  ['', undefined],
  ['something-else', undefined],
] as const) {
  nearness(`nearest() gives ${expected} when ${JSON.stringify(word)} is asked for`, () => {
    assert.is(nearest(word, NAMES), expected)
  })
}

nearness('nearest() prefers the closest to the first', () => {
  assert.is(nearest('tast', ['task-a', 'test', 'tasty']), 'test')
})

nearness('didYouMean() is a question, or nothing when no name is near', () => {
  assert.is(didYouMean('lsit', NAMES), '; did you mean "list"?')
  assert.is(didYouMean('zzzzzz', NAMES), '')
})

nearness.run()
