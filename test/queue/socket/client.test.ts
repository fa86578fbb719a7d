import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, RefusedError, TransportError, UsageError, WfgError } from '../../../runtime/core/errors.ts'
import { createRedactor } from '../../../runtime/core/redact.ts'
import type { Owner } from '../../../runtime/queue/database/owner.ts'
import { connectJobs } from '../../../runtime/queue/socket/client.ts'
import { serveJobs } from '../../../runtime/queue/socket/server.ts'
import type { JobState, JobStore } from '../../../runtime/queue/store.ts'
import { rejects } from '../../_assert.ts'
import { temporaryFolder } from '../../_cli.ts'

const client = suite('client')

/** A command that speaks with a worker whose store is `given`. */
async function withClient(given: Partial<JobStore>, check: (command: JobStore) => Promise<void>): Promise<void> {
  const folder = temporaryFolder()
  const socket = process.platform === 'win32' ? `\\\\.\\pipe\\wfg-test-${process.pid}` : join(folder, 's.sock')
  const owner: Owner = { pid: 1, host: 'h', since: '', nonce: '', role: 'worker', socket, key: 'key' }
  const redactor = createRedactor()
  redactor.add('secret-word')
  const server = await serveJobs({ redactor }, owner, given as JobStore)
  try {
    await check(await connectJobs(() => owner))
  } finally {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

client("dates of a job come back as dates, and a user's text that looks like one stays a text", () => {
  const state: JobState = {
    ...{ id: 'i', task: 't', hash: 'h', attempt: 0, state: 'dead', queuedAt: new Date(5), endedAt: new Date(7) },
    startAfter: new Date(6),
    data: {
      ...{ v: 1, task: 't', args: { startedAt: new Date(6).toISOString() }, hash: 'h' },
      queuedBy: { host: 'h', user: 'u' },
    },
  }
  return withClient({ jobs: async (limit) => (limit === 3 ? [state] : []) }, async (command) => {
    assert.equal(await command.jobs(3), [state])
  })
})

for (const thrown of [
  new ConfigError('a'),
  new UsageError('b'),
  new RefusedError('c'),
  new TransportError('d', { code: 'WFG_NETWORK' }),
  new WfgError('e'),
]) {
  client(`a ${thrown.name} comes back as one`, () =>
    withClient({ drop: () => Promise.reject(thrown) }, async (command) => {
      const error = await rejects(command.drop('x'), { instance: thrown.constructor as typeof WfgError })
      assert.is(error.constructor, thrown.constructor)
      assert.equal([(error as WfgError).code, error.message], [thrown.code, thrown.message])
    }),
  )
}

client('any other error becomes one of ours, redacted', () =>
  withClient({ drop: () => Promise.reject(new TypeError('secret-word')) }, async (command) => {
    const error = await rejects(command.drop('x'), { instance: WfgError })
    assert.is(error.constructor, WfgError)
    assert.is(error.message, '[redacted]')
  }),
)

client('a call in progress is answered before the worker ends', async () => {
  const folder = temporaryFolder()
  const socket = process.platform === 'win32' ? `\\\\.\\pipe\\wfg-last-${process.pid}` : join(folder, 's.sock')
  const owner: Owner = { pid: 1, host: 'h', since: '', nonce: '', role: 'worker', socket, key: 'key' }
  let begun = () => {}
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve
  })
  let finish = (_done: boolean) => {}
  const drop = () => {
    begun()
    return new Promise<boolean>((resolve) => {
      finish = resolve
    })
  }
  const server = await serveJobs({ redactor: createRedactor() }, owner, { drop } as unknown as JobStore)
  const command = await connectJobs(() => owner)
  const dropped = command.drop('x')
  await isBegun
  const closed = server.close()
  finish(true)
  assert.is(await dropped, true)
  await closed
  await rejects(command.drop('x'), { instance: TransportError, code: 'WFG_NETWORK' })
  rmSync(folder, { recursive: true, force: true })
})

client.run()
