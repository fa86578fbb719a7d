import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Group, rowsOf, type Way } from './group.ts'
import { measure, NO_SAMPLES } from './measure.ts'
import type { Setup } from './setup.ts'

const measuring = suite('measuring of the benchmark')

const NOTHING = {} as Setup

/** Gives these values, one a round. */
function giving(...values: (number | Error)[]): Way {
  return async () => {
    const value = values.shift()!
    if (value instanceof Error) throw value
    return value
  }
}

function groupOf(ways: Group['ways'], goal: NonNullable<Group['rows'][number]['goal']>, warmUp = false): Group {
  const rows = [{ name: 'the row', way: 'ours', baseline: 'theirs', goal }]
  return { title: 'a group', unit: 'ms', rounds: { short: 1, full: 1 }, warmUp, ways, rows }
}

measuring('a round has each way once, in another order each time, and the warm-up does not count', async () => {
  const started: string[] = []
  const way = (name: string): Way => {
    return async () => started.push(name)
  }
  const group = groupOf({ ours: way('ours'), theirs: way('theirs') }, { of: 'value', atMost: 1 }, true)
  const samples = await measure(group, 2, NOTHING, () => {})
  assert.equal(started, ['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs'])
  assert.equal(samples.values('ours'), [4, 5])
})

measuring('a goal for a ratio is judged by the median of the ratios of the rounds', async () => {
  // By the medians, 30 and 20, it would be 1.5.
  const ways = { ours: giving(30, 20, 100), theirs: giving(10, 20, 100) }
  const group = groupOf(ways, { of: 'ratio', atMost: 1 })
  const [row] = rowsOf(group, await measure(group, 3, NOTHING, () => {}))
  assert.is(row?.ratio?.median, 1)
  assert.is(row?.value?.median, 30)
  assert.equal(row?.baseline, { name: 'theirs', median: 20 })
  assert.is(row?.met, true)
})

measuring('a goal for a value is judged by its median', async () => {
  const group = groupOf({ ours: giving(501, 501, 1), theirs: giving(1, 1, 1) }, { of: 'value', atMost: 500 })
  assert.is(rowsOf(group, await measure(group, 3, NOTHING, () => {}))[0]?.met, false)
})

measuring('a way that fails in a round says why and does not stop the others', async () => {
  const told: string[] = []
  const ways = { ours: giving(new Error('not to be had'), new Error('not to be had')), theirs: giving(1, 2) }
  const group = groupOf(ways, { of: 'ratio', atMost: 1 })
  const samples = await measure(group, 2, NOTHING, (text) => told.push(text))
  const [row] = rowsOf(group, samples)
  assert.equal([row?.value, row?.ratio, row?.met, row?.reason], [null, null, null, 'not to be had'])
  assert.equal(samples.values('theirs'), [1, 2])
  assert.equal(
    told.filter((text) => text.includes('not to be had')),
    ['ours: not to be had'],
  )
})

measuring('where nothing is run a row has no numbers', () => {
  const [row] = rowsOf(groupOf({}, { of: 'value', atMost: 1 }), NO_SAMPLES)
  assert.equal([row?.rounds, row?.value, row?.ratio, row?.met, row?.reason], [0, null, null, null, null])
})

measuring.run()
