import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLease, leaseLine, readLease } from '../../../runtime/cli/queue/lease.ts'
import { fakeHost } from '../../_host.ts'

const lease = suite('cli/queue/lease')

lease('a lease is over when its time is, counted from the last word', async () => {
  const host = fakeHost()
  let isOver = false
  const renew = createLease(host, () => {
    isOver = true
  })
  renew(1000)
  await host.advance(900)
  renew(2000)
  await host.advance(1900)
  assert.is(isOver, false)
  await host.advance(200)
  assert.is(isOver, true)
})

lease('the word is a line that is no other', () => {
  assert.is(readLease(leaseLine(1499.6)), 1500)
  assert.is(readLease('stop'), undefined)
  assert.is(readLease('{"job":1}'), undefined)
})

lease.run()
