import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { groups } from './all.ts'

const all = suite('groups of the benchmark')

all('a row names only ways that its group measures', () => {
  for (const { title, ways, rows } of groups) {
    const named = rows.flatMap(({ way, baseline }) => (baseline === undefined ? [way] : [way, baseline]))
    assert.equal(
      named.filter((name) => !(name in ways)),
      [],
      title,
    )
  }
})

all('no two rows have one name', () => {
  const names = groups.flatMap(({ rows }) => rows.map(({ name }) => name))
  assert.is(new Set(names).size, names.length)
})

all.run()
