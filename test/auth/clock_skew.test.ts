import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clockSkewMs, clockSkewText } from '../../runtime/auth/clock_skew.ts'

const skew = suite('auth/clock_skew')
const NOW_MS = Date.UTC(2026, 0, 1)

for (const [header, expected] of [
  ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
  ['Thu, 01 Jan 2026 00:01:01 GMT', 61_000],
  ['Wed, 31 Dec 2025 23:00:00 GMT', -3_600_000],
  ['yesterday', undefined],
  ['', undefined],
  [undefined, undefined],
] as const) {
  skew(`clockSkewMs() is ${expected} for ${JSON.stringify(header)}`, () => {
    assert.is(clockSkewMs(header, NOW_MS), expected)
  })
}

for (const [ms, expected] of [
  [undefined, []],
  [0, []],
  [60_000, []],
  [-60_000, []],
  [61_000, ["The clock of this computer is 61 s behind the identity provider's."]],
  [-3_600_499, ["The clock of this computer is 3600 s ahead of the identity provider's."]],
] as const) {
  skew(`clockSkewText() says ${expected.length === 0 ? 'nothing' : 'the figure'} for ${ms}`, () => {
    assert.equal(clockSkewText(ms), expected)
  })
}

skew.run()
