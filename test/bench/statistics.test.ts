import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ratiosOf, spreadOf } from './statistics.ts'

const statistics = suite('statistics of the benchmark')

statistics('the median is the middle value by size, or the mean of the two in the middle', () => {
  assert.is(spreadOf([100, 9, 20])?.median, 20)
  assert.is(spreadOf([4, 1, 3, 2])?.median, 2.5)
  assert.is(spreadOf([7])?.median, 7)
})

statistics('the spread is that of the middle half, so one slow round does not widen it', () => {
  assert.equal(spreadOf([1, 2, 3, 4, 5]), { median: 3, low: 2, high: 4 })
  assert.equal(spreadOf([1, 2, 3, 4, 5000]), { median: 3, low: 2, high: 4 })
  assert.equal(spreadOf([10, 20]), { median: 15, low: 12.5, high: 17.5 })
})

statistics('there is no median of nothing', () => {
  assert.is(spreadOf([]), undefined)
})

statistics('the values stay in the order of their rounds', () => {
  const values = [3, 1, 2]
  spreadOf(values)
  assert.equal(values, [3, 1, 2])
})

statistics('a ratio is taken within a round, and where a round lacks one of the two there is none', () => {
  assert.equal(ratiosOf([10, 40, 30], [5, 10, 10]), [2, 4, 3])
  assert.equal(ratiosOf([10, undefined, 30, 8], [undefined, 10, 10, 0]), [3])
})

statistics.run()
