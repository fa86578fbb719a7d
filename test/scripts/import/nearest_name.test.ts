import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nearestName } from '../../../scripts/_import/nearest_name.ts'

const nearest = suite('scripts/_import/nearest_name')

nearest('nearestName() returns the name that a typing mistake may have been for', () => {
  const names = ['ITEM', 'AMOUNT', 'DELIVERY_DATE', 'START_DATE']
  for (const [typed, name] of [
    ['AMOUNTT', 'AMOUNT'],
    ['amuont', 'AMOUNT'],
    ['DELIVERYDATE', 'DELIVERY_DATE'],
    ['ITEMS', 'ITEM'],
    ['SUPPLIER', undefined],
  ] as const) {
    assert.is(nearestName(typed, names), name, typed)
  }
})

nearest.run()
