import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, UsageError } from '../runtime/core/errors.ts'
import { failedAssertion, hides, rejects } from './_assert.ts'

const asserts = suite('assert')

asserts('rejects() gives the error of a promise, of an async function, and of a function that throws', async () => {
  const error = new UsageError('no')
  assert.is(await rejects(Promise.reject(error)), error)
  assert.is(await rejects(async () => Promise.reject(error)), error)
  assert.is(
    await rejects(() => {
      throw error
    }),
    error,
  )
})

asserts('rejects() passes when class, code and message are as expected', async () => {
  const fails = () => Promise.reject(new UsageError('Cannot run "x"'))
  await rejects(fails, { instance: UsageError, code: 'WFG_USAGE', message: 'Cannot run "x"' })
  await rejects(fails, { message: /^Cannot/ })
})

asserts('rejects() fails when nothing was rejected', async () => {
  const failure = await failedAssertion(() => rejects(Promise.resolve(1)))
  assert.is(failure.message, 'Expected a rejection, but it was fulfilled')
})

asserts('rejects() fails on another class, another code, and another message', async () => {
  const fails = () => Promise.reject(new UsageError('Cannot run "x"'))
  const other = await failedAssertion(() => rejects(fails, { instance: ConfigError }))
  assert.is(other.message, 'Expected an instance of ConfigError, not UsageError: Cannot run "x"')
  await failedAssertion(() => rejects(fails, { code: 'WFG_CONFIG' }))
  await failedAssertion(() => rejects(fails, { message: 'Cannot run' }))
  await failedAssertion(() => rejects(fails, { message: /^cannot/ }))
})

asserts("rejects() does not take uvu's own Assertion for the expected error", async () => {
  const failure = await failedAssertion(() => rejects(async () => assert.is(1, 2), { instance: Error }))
  assert.match(failure.message, 'strictly equal')
})

asserts('rejects() fails when what was thrown is no Error', async () => {
  const failure = await failedAssertion(() => rejects(Promise.reject('text')))
  assert.is(failure.message, 'Expected an Error, not text')
})

asserts('failedAssertion() throws when the block fails otherwise or not at all', async () => {
  const cause = new Error('other')
  const error = await rejects(() => failedAssertion(() => Promise.reject(cause)))
  assert.is(error.cause, cause)
  await rejects(() => failedAssertion(() => {}), { message: 'Expected the block to fail with an Assertion' })
})

asserts('hides() fails when a secret shows, without printing it', async () => {
  hides('a text', 'secret')
  const failure = await failedAssertion(() => hides('a secret text', 'other', 'secret'))
  assert.is(failure.message, 'Expected secret 2 of 2 not to be in the text')
})

asserts.run()
