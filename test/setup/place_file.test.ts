import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fateOf } from '../../runtime/setup/place_file.ts'

const place = suite('setup/place_file')

for (const [title, current, original, shipped, fate] of [
  ['is not there yet', undefined, undefined, 'new', 'written'],
  ['is there as it is shipped', 'new', undefined, 'new', 'kept'],
  ['was taken over from the new version by hand', 'new', 'old', 'new', 'kept'],
  ['was never one of ours', 'mine', undefined, 'new', 'beside'],
  ['was not changed, and the new version is another', 'old', 'old', 'new', 'updated'],
  ['was changed, and the new version is the same', 'mine', 'old', 'old', 'kept'],
  ['was changed, and the new version is another', 'mine', 'old', 'new', 'changed'],
  ['was removed', undefined, 'old', 'new', 'removed'],
  ['is empty, and was never one of ours', '', undefined, 'new', 'beside'],
] as const) {
  place(`fateOf() of a file that ${title}: ${fate}`, () => {
    assert.is(fateOf(current, original, shipped), fate)
  })
}

place.run()
