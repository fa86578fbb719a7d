import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { masking, withoutValues } from '../../../runtime/graphql/client/masking.ts'

const maskingSuite = suite('masking')

maskingSuite(
  'masking() names the variable that a value comes from, and says nothing of a value that has several',
  () => {
    const parameters = [
      { name: 'ITEM', textValue: 'Desk "oak"' },
      { name: 'AMOUNT', numericValue: 12.5 },
      { name: 'DUE', dateTimeValue: new Date('2026-12-01') },
      { name: 'ITEM' },
    ]
    const mask = masking({ process: 'ORDER', parameters })
    for (const [text, expected] of [
      ['ORDER has no data "AMOUNT".', '[value of process] has no data "[value of parameters[1].name]".'],
      ['12.5, not 112.5', '[value of parameters[1].numericValue], not 112.5'],
      [String.raw`"Desk \"oak\""`, '"[value of parameters[0].textValue]"'],
      ['at 2026-12-01T00:00:00.000Z', 'at [value of parameters[2].dateTimeValue]'],
      ['ITEM is there', '[value] is there'],
    ] as const) {
      assert.is(mask(text), expected)
    }
  },
)

maskingSuite('masking() does not search its own masks for values', () => {
  const mask = masking({ value: 'of', input: { parameters: ['input', 'value'] }, n: 0 })
  assert.is(
    mask('of, input, value, 0'),
    '[value of value], [value of input.parameters[0]], [value of input.parameters[1]], [value of n]',
  )
})

maskingSuite('masking() shows no path for values in a list', () => {
  assert.is(masking([{ n: 4711 }])('4711 is taken'), '[value] is taken')
})

maskingSuite('withoutValues() masks message and extensions, and keeps path and locations', () => {
  const error = { message: 'x is 4711', path: ['create', 4711], extensions: { stack: ['at 4711'], code: 4711 } }
  assert.equal(withoutValues([error], { n: 4711 }), [
    { message: 'x is [value of n]', path: ['create', 4711], extensions: { stack: ['at [value of n]'], code: 4711 } },
  ])
})

maskingSuite.run()
