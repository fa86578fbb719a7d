import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DateTime } from '../../../runtime/sandbox/graphql/scalars.ts'
import { withSandbox } from '../_sandbox.ts'

const scalars = suite('scalars')

for (const [input, output] of [
  ['2018-01-01', '2018-01-01T00:00:00.000Z'],
  ['2018-12-24T21:30:18.113Z', '2018-12-24T21:30:18.113Z'],
  ['2018-12-24T21:30:18Z', '2018-12-24T21:30:18.000Z'],
  ['2018-12-24T21:30:18.1Z', '2018-12-24T21:30:18.100Z'],
  ['2018-12-24T21:30:18.1139999Z', '2018-12-24T21:30:18.113Z'],
  ['2018-12-24T21:30:18.1130000-05:00', '2018-12-25T02:30:18.113Z'],
  ['2018-12-24T21:30:18.1130000', '2018-12-24T21:30:18.113Z'],
  ['2024-02-29T23:59:59+14:00', '2024-02-29T09:59:59.000Z'],
] as const) {
  scalars(`DateTime reads ${input}`, () => {
    assert.is(DateTime.serialize(DateTime.parseValue(input)), output)
  })
}

for (const input of [
  '',
  '2018',
  '24/12/2018',
  '2018-02-30',
  '2018-12-24 21:30',
  '2018-13-01',
  '2018-12-24T25:00:00Z',
  1545687018113,
  null,
]) {
  scalars(`DateTime refuses ${JSON.stringify(input)}`, () => {
    assert.throws(() => DateTime.parseValue(input), /^DateTime takes text such as/)
  })
}

scalars('DateTime is read the same way in a document and in a variable', () =>
  withSandbox(async ({ data }) => {
    const since = '2026-11-01T02:00:00.0000000+02:00'
    const { literal, variable, day } = await data(
      `query ($since: DateTime) {
        literal: requests(filter: { createdSince: "${since}" }) { totalCount }
        variable: requests(filter: { createdSince: $since }) { totalCount }
        day: requests(filter: { createdSince: "2026-11-01" }) { totalCount }
      }`,
      { since },
    )
    assert.ok(day.totalCount > 0)
    assert.equal(literal, day)
    assert.equal(variable, day)
  }),
)

scalars('an invalid DateTime is refused before anything is executed', () =>
  withSandbox(async ({ graphql }) => {
    const literal = await graphql('{ requests(filter: { createdSince: "yesterday" }) { totalCount } }')
    assert.is(literal.status, 400)
    assert.is(literal.data, undefined)
    const variable = await graphql('query ($d: DateTime) { requests(filter: { createdSince: $d }) { totalCount } }', {
      d: 'yesterday',
    })
    assert.is(variable.status, 500)
    assert.is(variable.data, undefined)
    assert.match(variable.errors?.[0]?.message ?? '', /DateTime takes text/)
  }),
)

scalars.run()
