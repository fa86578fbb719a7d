import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, RefusedError, TransportError, UsageError } from '../../../runtime/core/errors.ts'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { claimFolder, readOwner } from '../../../runtime/queue/database/owner.ts'
import { openStore, type StoreHost } from '../../../runtime/queue/store/open_store.ts'
import type { JobStore, Store } from '../../../runtime/queue/store.ts'
import { rejects } from '../../_assert.ts'
import { temporaryFolder } from '../../_cli.ts'
import { knowsEnds } from '../../_locks.ts'
import { notRun } from '../../_not_run.ts'
import { makeDatabase } from '../_pglite.ts'
import { startHolder } from './_holding.ts'
import { beginJob, fetchJob, newJob, newWorker, storeHost } from './_store.ts'

const openedStore = suite('open_store')
let folder: string

openedStore.before.each(() => {
  folder = join(temporaryFolder(), 'queue')
})

/** Most tests begin with a database that is there already, which is quicker. */
const withDatabase = () => makeDatabase(join(folder, 'data'))

openedStore.after.each(() => {
  rmSync(dirname(folder), { recursive: true, force: true })
})

function open(role: 'worker', host?: StoreHost): Promise<Store>
function open(role: 'command', host?: StoreHost): Promise<JobStore>
function open(role: 'worker' | 'command', host = storeHost()): Promise<JobStore> {
  return openStore({ host, databaseUrl: undefined, folder, role })
}

openedStore('who does not know the key is not answered, and what a command queues is done by the worker', async () => {
  await withDatabase()
  const store = await open('worker')
  const { socket: path, key } = readOwner(storeHost(), folder)!
  const call = JSON.stringify({ method: 'jobs', params: [9] })
  const http = (headers: string) =>
    `POST / HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${call.length}\r\nConnection: close\r\n\r\n${call}`
  for (const sent of [
    ...[http(`Authorization: ${'0'.repeat(key.length)}\r\n`), http('Authorization: short\r\n'), http('')],
    ...[`${call}\n`, '\n\n\n'],
  ]) {
    assert.not.match(await exchange(path, sent), 'result', sent)
  }
  assert.match(await exchange(path, http(`Authorization: ${key}\r\n`)), '{"result":[]}')

  const worker = newWorker()
  await store.register(worker)
  const command = await open('command')
  const args = { startedAt: '2026-01-01', nested: { endedAt: '2026-01-01T00:00:00Z' } }
  const { id, isNew } = await command.enqueue(newJob('asked', { args }))
  assert.is(isNew, true)
  const fetched = await fetchJob(store, 'asked')
  assert.equal([fetched.id, fetched.data.args], [id, args])
  assert.is(await store.begin(fetched, worker), true)
  await store.fail(fetched, { exitCode: 1, durationMs: 1, error: 'no' })
  assert.equal(await command.jobs(5), await store.jobs(5))
  assert.instance((await command.jobs(1))[0]?.queuedAt, Date)
  assert.is(await command.retry(id), true)
  assert.is((await store.jobs(1))[0]?.state, 'waiting')
  assert.is(await command.drop(id), true)
  const error = await rejects(command.enqueue(newJob('nul', { args: { text: '\u0000' } })), { instance: UsageError })
  assert.match(error.message, 'U+0000')
  const many = await Promise.all(Array.from({ length: 50 }, () => command.enqueue(newJob('many'))))
  assert.is(new Set(many.map((each) => each.id)).size, 50)
  await command.close()
  await store.close()
  await rejects(command.jobs(1), { instance: TransportError })
})

openedStore('a folder that other users have access to is refused, and named with what to type', async () => {
  if (process.platform === 'win32') return notRun('whose a file is, is a question of Unix')
  const umask = process.umask(0)
  const claim = await claimFolder(storeHost(), folder, 'command')
  process.umask(umask)
  if ('own' in claim) claim.release()
  // An empty one would be made private.
  writeFileSync(join(folder, 'data'), '')
  assert.is(statSync(folder).mode & 0o777, 0o700, 'whatever the umask')
  for (const mode of [0o777, 0o755, 0o701]) {
    chmodSync(folder, mode)
    const error = await rejects(open('command'), { instance: RefusedError })
    assert.is(
      error.message,
      `Cannot open the queue: other users have access to ${quotedPath(folder)} and may have queued what would run as you. ` +
        `If you trust what is in it, type: chmod 700 ${quotedPath(folder)}; else move it away, and the queue begins empty.`,
    )
  }
})

openedStore(
  'a second worker is refused and told of the first; when that is killed, it has all that was kept',
  async () => {
    await withDatabase()
    const holder = await startHolder({ folder })
    const error = await rejects(open('worker'), { instance: RefusedError })
    assert.match(error.message, new RegExp(`another worker has it, process ${holder.pid} on \\S+ since \\d{4}-`))
    const command = await open('command')
    const { id } = await command.enqueue(newJob('kept'))
    assert.equal((await command.jobs(2)).map(({ state }) => state).sort(), ['running', 'waiting'])
    await holder.kill()
    await rejects(command.jobs(1), { instance: TransportError, code: 'WFG_NETWORK' })
    await command.close()

    if (!knowsEnds()) return
    const store = await open('worker')
    const worker = newWorker()
    await store.register(worker)
    const reaped = await store.reap(worker)
    assert.equal(
      reaped.map(({ worker: { pid }, jobs }) => [pid, jobs.map((job) => job.id)]),
      [[holder.pid, [holder.jobId]]],
    )
    assert.is((await fetchJob(store, 'kept')).id, id)
    await store.close()
  },
)

openedStore(
  'without a worker a command opens the folder for the moment, after all others that have it, and what it queued is there later',
  async () => {
    await withDatabase()
    let nowMs = 0
    let ended = 0
    let claim = await claimFolder(storeHost(), folder, 'command')
    const host = storeHost({
      monotonicMs: () => nowMs,
      async sleep(ms) {
        nowMs += ms
        if (nowMs < 6000 * (ended + 1) || ended === 4) return
        ended += 1
        if ('own' in claim) claim.release()
        if (ended < 4) claim = await claimFolder(storeHost(), folder, 'command')
      },
    })
    const first = await open('command', host)
    assert.is(ended, 4)
    const { id } = await first.enqueue(newJob('early'))
    let isOpen = true
    const worker = open('worker').then((store) => {
      assert.is(isOpen, false, 'two had it')
      return store
    })
    const second = open('command').then((store) => {
      assert.is(isOpen, false, 'two had it')
      return store
    })
    await setTimeout(500)
    isOpen = false
    await first.close()
    // It opens the folder before the worker does, or speaks with the worker.
    const looked = second.then((store) => store.jobs(1).finally(() => store.close()))
    const store = await worker
    assert.is((await beginJob(store, newWorker(), newJob('other'))).attempt, 0)
    assert.is((await fetchJob(store, 'early')).id, id)
    assert.ok((await looked).length > 0)
    await store.close()
  },
)

openedStore('a command that never ends is named when the next one has waited long enough', async () => {
  const claim = await claimFolder(storeHost(), folder, 'command')
  let nowMs = 0
  const host = storeHost({
    monotonicMs: () => nowMs,
    async sleep(ms) {
      nowMs += ms
    },
  })
  const error = await rejects(open('worker', host), { instance: RefusedError })
  assert.match(error.message, `a command that has not ended has it, process ${process.pid}`)
  assert.ok(nowMs >= 10_000 && nowMs < 12_000, `it waited ${nowMs} ms`)
  if ('own' in claim) claim.release()
})

openedStore('a worker that has the folder and never listens is an error of the transport, in the end', async () => {
  const claim = await claimFolder(storeHost(), folder, 'worker')
  let nowMs = 0
  const host = storeHost({
    monotonicMs: () => nowMs,
    async sleep(ms) {
      nowMs += ms
    },
  })
  const error = await rejects(open('command', host), { instance: TransportError })
  assert.match(error.message, 'nobody listens at its socket (ENOENT)')
  if ('own' in claim) claim.release()
})

function exchange(path: string, sent: string): Promise<string> {
  const socket = createConnection(path)
  let answer = ''
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text
  })
  socket.on('error', () => {})
  socket.end(sent)
  return new Promise((resolve) => socket.on('close', () => resolve(answer)))
}

openedStore('a folder that cannot be one is a ConfigError that names it', async () => {
  mkdirSync(dirname(folder), { recursive: true })
  writeFileSync(folder, '')
  const error = await rejects(open('command'), { instance: ConfigError })
  assert.match(error.message, quotedPath(folder))
})

openedStore.run()
