import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createWordFinder } from '../../runtime/core/word_finder.ts'

const finder = suite('word_finder')

const WORDS = ['needle', 'haystackedness', 'pin0', '日本語です']

finder('the test is true for every text that has a word in it, wherever it stands', () => {
  const has = createWordFinder(WORDS)
  for (const word of WORDS) {
    for (let before = 0; before < 20; before++) {
      assert.is(has(`${'x'.repeat(before)}${word}`), true)
      assert.is(has(`${'n'.repeat(before)}${word}y`), true)
    }
  }
})

finder('the test is false for texts that share no start with a word', () => {
  const has = createWordFinder(WORDS)
  for (const text of ['', 'n', 'nee', 'an ordinary text', 'eedle'.repeat(30)]) assert.is(has(text), false)
})

finder('the test is true if a word is too short', () => {
  for (const words of [[''], ['a', 'needle']]) assert.is(createWordFinder(words)('x'), true)
})

finder('the test is false without words', () => {
  assert.is(createWordFinder([])('a text'), false)
})

finder.run()
