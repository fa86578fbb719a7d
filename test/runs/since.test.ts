import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../runtime/core/errors.ts'
import { readSince } from '../../runtime/runs/since.ts'
import { rejects } from '../_assert.ts'

const since = suite('runs/since')

const NOW = new Date(2026, 10, 28, 15, 30)

since('readSince() reads spans back from now, days and times, which are local without a zone', () => {
  for (const [text, time] of [
    ['90m', new Date(2026, 10, 28, 14, 0)],
    ['2h', new Date(2026, 10, 28, 13, 30)],
    ['today', new Date(2026, 10, 28)],
    ['2026-11-27', new Date(2026, 10, 27)],
    ['2026-11-27 07:30', new Date(2026, 10, 27, 7, 30)],
    ['2026-11-27T07:30:15', new Date(2026, 10, 27, 7, 30, 15)],
    ['2026-11-27T07:30:00Z', new Date('2026-11-27T07:30:00Z')],
    ['2026-11-27T07:30+02:00', new Date('2026-11-27T05:30:00Z')],
    ['3d', new Date(NOW.getTime() - 3 * 86_400_000)],
    ['1w', new Date(NOW.getTime() - 7 * 86_400_000)],
  ] as const) {
    assert.is(readSince(text, NOW.getTime()).getTime(), time.getTime(), text)
  }
})

since('readSince() refuses anything else, and says what it takes', async () => {
  for (const text of ['', 'yesterday', '2', '-2h', '2y', '2026-11', '28.11.2026', '2026-13-01', '2026-11-27 25:00']) {
    await rejects(() => readSince(text, NOW.getTime()), {
      instance: UsageError,
      message: /--since needs a date such as/,
    })
  }
})

since.run()
