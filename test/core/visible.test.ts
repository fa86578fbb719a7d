import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { visible, visibleLines } from '../../runtime/core/visible.ts'

const visibility = suite('visible')

visibility('visible() leaves text of every language as it is', () => {
  for (const text of ['plain', 'Zürich', '日本語', '👩‍👩‍👧', 'שלום', 'e\u0301', '']) assert.is(visible(text), text)
})

for (const [text, expected] of [
  ['a\nb\r\tc', 'a\\nb\\r\\tc'],
  ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  ['\u009b31m\u007f', '\\x9b31m\\x7f'],
  ['\u202eabc\u2066\u200f', '\\u202eabc\\u2066\\u200f'],
  ['\u2028\ufeff', '\\u2028\\ufeff'],
  ['\ud800x\udc00', '\\ud800x\\udc00'],
] as const) {
  visibility(`visible() makes ${expected} of what steers a terminal`, () => {
    assert.is(visible(text), expected)
  })
}

visibility('visibleLines() keeps what makes lines and columns', () => {
  assert.is(visibleLines('a\tb\r\nc\n'), 'a\tb\r\nc\n')
  assert.is(visibleLines('a\rb\r\r\n\u001b[1m'), 'a\\rb\\r\r\n\\x1b[1m')
})

visibility.run()
