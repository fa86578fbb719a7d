import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { spanText, timeText, tookText } from '../../runtime/core/time_text.ts'

const time = suite('core/time_text')

time('spanText() has the two largest units', () => {
  const texts = [0, 59.6, 61, 5_580, 86_400, 90_000].map(spanText)
  assert.equal(texts, ['0 s', '1 min', '1 min 1 s', '1 h 33 min', '1 d', '1 d 1 h'])
})

time('tookText() has a decimal for a short run', () => {
  assert.equal([0, 349, 9949, 9950, 95_000].map(tookText), ['0.0 s', '0.3 s', '9.9 s', '10 s', '1 min 35 s'])
})

time('timeText() says how long ago it was today, and else the local day and time', () => {
  const now = new Date(2026, 10, 28, 15, 30)
  const at = (...parts: [number, number, number, number, number]) => timeText(new Date(...parts), now.getTime())
  assert.equal(
    [at(2026, 10, 28, 15, 30), at(2026, 10, 28, 15, 18), at(2026, 10, 28, 0, 0), at(2026, 10, 27, 23, 59)],
    ['0 s ago', '12 min ago', '15 h ago', '2026-11-27 23:59'],
  )
  assert.equal([at(2026, 10, 28, 15, 31), at(2025, 0, 2, 3, 4)], ['2026-11-28 15:31', '2025-01-02 03:04'])
})

time.run()
