import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../runtime/errors.ts'
import { type LockHost, lockJournal } from '../../runtime/graphql/journal_lock.ts'
import { systemHost } from '../../runtime/host.ts'
import { rejects } from '../_assert.ts'
import { withJournal } from './_bulk.ts'

const lock = suite('journal_lock')

const { pid, isRunning, nowMs, hostname } = systemHost()
const HOST: LockHost = { pid, isRunning, nowMs, hostname }

function deadPid(): number {
  const args = process.versions['deno'] === undefined ? ['-e', ''] : ['eval', '']
  return spawnSync(process.execPath, args).pid
}

function holder(members: object): string {
  return JSON.stringify({ nonce: 'before01', pid, host: hostname(), since: '2026-01-01T00:00:00.000Z', ...members })
}

lock('lockJournal() names its holder, and leaves nothing behind', async () => {
  await withJournal(async (path, folder) => {
    const held = lockJournal(HOST, 'given.ndjson', path)
    const found = JSON.parse(readFileSync(`${path}.lock`, 'utf8'))
    assert.equal([found.pid, found.host], [pid, hostname()])
    assert.equal(readdirSync(folder), ['bulk.ndjson.lock'])
    const { message } = await rejects(() => lockJournal(HOST, 'given.ndjson', path), { instance: RefusedError })
    assert.is(
      message,
      `Refused to use the journal "given.ndjson": it is in use since ${found.since} by process ${pid} on ${JSON.stringify(hostname())}. ` +
        `Nothing was sent. Wait for the end of that run; if it has ended, delete ${JSON.stringify(`${path}.lock`)}.`,
    )
    held.release()
    assert.equal(readdirSync(folder), [])
  })
})

lock('lockJournal() takes over from a process that has ended, and from an earlier one with our number', async () => {
  await withJournal(async (path, folder) => {
    for (const gone of [deadPid(), pid]) {
      writeFileSync(`${path}.lock`, holder({ pid: gone }))
      // What was left of an older takeover goes as well.
      writeFileSync(`${path}.lock.older001`, holder({ pid: gone, nonce: 'x' }))
      lockJournal(HOST, path, path).release()
      assert.equal(readdirSync(folder), [])
    }
  })
})

lock('lockJournal() takes over when the one who was taking over has ended as well', async () => {
  await withJournal(async (path, folder) => {
    const gone = deadPid()
    writeFileSync(`${path}.lock`, holder({ pid: gone }))
    writeFileSync(`${path}.lock.before01`, holder({ pid: gone, nonce: 'before02' }))
    lockJournal(HOST, path, path).release()
    assert.equal(readdirSync(folder), [])
  })
})

lock('lockJournal() refuses while another takes over', async () => {
  await withJournal(async (path) => {
    writeFileSync(`${path}.lock`, holder({ pid: deadPid() }))
    writeFileSync(`${path}.lock.before01`, holder({ pid: process.ppid, nonce: 'before02' }))
    await rejects(() => lockJournal(HOST, path, path), { instance: RefusedError })
    assert.match(readFileSync(`${path}.lock`, 'utf8'), 'before01')
  })
})

lock('lockJournal() takes nothing from a process that runs, nor from another computer', async () => {
  await withJournal(async (path) => {
    for (const members of [{ pid: process.ppid }, { pid: deadPid(), host: 'elsewhere' }]) {
      writeFileSync(`${path}.lock`, holder(members))
      await rejects(() => lockJournal(HOST, path, path), { instance: RefusedError })
      assert.is(readFileSync(`${path}.lock`, 'utf8'), holder(members))
    }
  })
})

lock('lockJournal() takes over a lock without a name only when it is old', async () => {
  await withJournal(async (path) => {
    writeFileSync(`${path}.lock`, '')
    await rejects(() => lockJournal(HOST, path, path), { instance: RefusedError, message: /that is just beginning/ })
    utimesSync(`${path}.lock`, 1, 1)
    lockJournal(HOST, path, path).release()
    assert.not.ok(existsSync(`${path}.lock`))
  })
})

lock('release() leaves a lock alone that is not its own any more', async () => {
  await withJournal(async (path) => {
    const held = lockJournal(HOST, path, path)
    writeFileSync(`${path}.lock`, holder({ pid: process.ppid }))
    held.release()
    assert.ok(existsSync(`${path}.lock`))
  })
})

lock.run()
