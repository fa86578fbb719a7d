import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLocks } from '../../../../runtime/cli/queue/store/locks.ts'
import type { Row, Session } from '../../../../runtime/cli/queue/store/sql.ts'

const locks = suite('locks')

/** A database with one session, whose connection can be cut, and another that may take what it gave up. */
function fakeSession() {
  const own = new Set<string>()
  const others = new Set<string>()
  let connection = 1
  const session: Session = {
    get connection() {
      return connection
    },
    async query<Result extends Row>(text: string, [key] = [] as unknown[]): Promise<Result[]> {
      if (text.includes('unlock')) own.delete(String(key))
      if (!text.includes('try')) return []
      const taken = !others.has(String(key))
      if (taken) own.add(String(key))
      return [{ taken }] as unknown as Result[]
    },
  }
  const cut = () => {
    own.clear()
    connection += 1
  }
  return { session, own, others, cut }
}

locks('a lock is taken once, and free when it was released', async () => {
  const { session, own } = fakeSession()
  const { take, release } = createLocks(session)
  assert.is(await take('a'), true)
  assert.is(await take('a'), false)
  assert.ok(own.has('a'))
  await release('a')
  assert.not.ok(own.has('a'))
  assert.is(await take('a'), true)
})

locks('what a lost connection gave up is taken back, unless somebody else has it', async () => {
  const { session, own, others, cut } = fakeSession()
  const { take, keep, renew, release } = createLocks(session)
  await take('a')
  await take('b')
  await keep('me')
  cut()
  others.add('b')
  await renew()
  assert.equal([...own].sort(), ['a', 'me'])
  others.delete('b')
  await renew()
  assert.equal([...own].sort(), ['a', 'b', 'me'])
  cut()
  await release('a')
  await renew()
  assert.equal([...own].sort(), ['b', 'me'])
})

locks('what is to be kept is taken as soon as it is free', async () => {
  const { session, own, others } = fakeSession()
  const { keep, renew } = createLocks(session)
  others.add('me')
  await keep('me')
  assert.is(own.size, 0)
  others.delete('me')
  await renew()
  assert.ok(own.has('me'))
})

locks.run()
