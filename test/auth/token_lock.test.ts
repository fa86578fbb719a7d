import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type LockHost, tryLock } from '../../runtime/auth/token_lock.ts'
import { temporaryFolder } from '../_cli.ts'
import { fakeHost } from '../_host.ts'
import { modeOf, processHost } from './_sharing.ts'

const lock = suite('auth/token_lock')

const SECOND = 1000
const HOLD_MS = 30 * SECOND
/** That is when the tests' files are written, so the clock has to be near. */
const NOW_MS = 1_800_000_000_000

interface Given {
  readonly path: string
  /** Another process; its clock stands still. */
  host(more?: Partial<LockHost> & { startMs?: number }): LockHost
  /** Writes the lock as if another process had. */
  write(holder: unknown, modifiedAtMs?: number): void
  names(): string[]
}

async function withLock(action: (given: Given) => unknown): Promise<void> {
  const folder = temporaryFolder()
  const path = join(folder, 'x.lock')
  try {
    await action({
      path,
      host: (more = {}) => fakeHost({ ...processHost(), startMs: NOW_MS, ...more }),
      write(holder, modifiedAtMs = NOW_MS) {
        writeFileSync(path, typeof holder === 'string' ? holder : JSON.stringify(holder), { mode: 0o600 })
        utimesSync(path, modifiedAtMs / 1000, modifiedAtMs / 1000)
      },
      names: () => readdirSync(folder),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const HOLDER = { pid: 7, host: 'here', nonce: '0123456789abcdef', deadlineMs: NOW_MS + HOLD_MS }

lock('tryLock() gives the lock to one, and to the next when it was released', () =>
  withLock(({ path, host, names }) => {
    const first = tryLock(host(), path, HOLD_MS)
    assert.ok(first)
    assert.is(tryLock(host(), path, HOLD_MS), undefined)
    first.release()
    assert.equal(names(), [])
    tryLock(host(), path, HOLD_MS)!.release()
  }),
)

lock('tryLock() writes who holds it and until when, for its user alone', () =>
  withLock(({ path, host }) => {
    tryLock(host({ pid: 12, hostname: () => 'there' }), path, HOLD_MS)
    const { nonce, ...rest } = JSON.parse(readFileSync(path, 'utf8'))
    assert.equal(rest, { pid: 12, host: 'there', deadlineMs: NOW_MS + HOLD_MS })
    assert.match(nonce, /^[0-9a-f]{16}$/)
    if (process.platform !== 'win32') assert.is(modeOf(path), '600')
  }),
)

lock('tryLock() holds for no longer than two minutes, however long is asked for', () =>
  withLock(({ path, host }) => {
    tryLock(host(), path, 3_600_000)
    assert.is(JSON.parse(readFileSync(path, 'utf8')).deadlineMs, NOW_MS + 120 * SECOND)
  }),
)

for (const [what, holder] of [
  ['of a process that runs', HOLDER],
  ['of another computer', { ...HOLDER, host: 'there', pid: 1 }],
  ['that ends at this moment', { ...HOLDER, deadlineMs: NOW_MS }],
  ['that is about to be written', ''],
] as const) {
  lock(`tryLock() leaves a lock ${what}`, () =>
    withLock(({ path, host, write, names }) => {
      write(holder)
      const isRunning = (pid: number) => pid === 7
      assert.is(tryLock(host({ isRunning }), path, HOLD_MS), undefined)
      assert.equal(names(), ['x.lock'])
    }),
  )
}

for (const [what, holder, modifiedAtMs] of [
  ['of a process that is gone', { ...HOLDER, pid: 8 }, NOW_MS],
  ['whose time is over', { ...HOLDER, deadlineMs: NOW_MS - 1 }, NOW_MS],
  ['of another computer, whose time is over', { ...HOLDER, host: 'there', deadlineMs: NOW_MS - 1 }, NOW_MS],
  ['of a clock that is ahead', { ...HOLDER, host: 'there', deadlineMs: NOW_MS + 121 * SECOND }, NOW_MS],
  ['that stayed empty', '', NOW_MS - 3 * SECOND],
  ['that is empty and from the future', '', NOW_MS + 3600 * SECOND],
  ['that is damaged', '{"pid":7,', NOW_MS - 3 * SECOND],
  ['that names a file elsewhere', { ...HOLDER, nonce: '../../x' }, NOW_MS - 3 * SECOND],
  ['of a group of processes', { ...HOLDER, pid: -7 }, NOW_MS - 3 * SECOND],
] as const) {
  lock(`tryLock() takes over a lock ${what}, for one of many`, () =>
    withLock(({ path, host, write, names }) => {
      write(holder, modifiedAtMs)
      const isRunning = (pid: number) => pid !== 8
      const taken = Array.from({ length: 20 }, () => tryLock(host({ isRunning }), path, HOLD_MS)).filter(Boolean)
      assert.is(taken.length, 1)
      taken[0]!.release()
      assert.equal(names(), [])
    }),
  )
}

lock('tryLock() takes over from an heir that died as well', () =>
  withLock(({ path, host, write, names }) => {
    write({ ...HOLDER, pid: 8 })
    const isRunning = (pid: number) => pid > 10
    assert.ok(tryLock(host({ isRunning, pid: 9 }), path, HOLD_MS))
    const third = tryLock(host({ isRunning, pid: 11 }), path, HOLD_MS)
    assert.ok(third)
    assert.is(tryLock(host({ isRunning, pid: 12 }), path, HOLD_MS), undefined)
    third.release()
    assert.equal(names(), [])
  }),
)

lock('release() leaves the lock of whoever took over', () =>
  withLock(({ path, host, names }) => {
    const slow = tryLock(host(), path, HOLD_MS)!
    const late = { startMs: NOW_MS + HOLD_MS + 1 }
    const heir = tryLock(host(late), path, HOLD_MS)!
    slow.release()
    assert.is(names().length, 1)
    heir.release()
    const next = tryLock(host(late), path, HOLD_MS)
    assert.ok(next)
    heir.release()
    slow.release()
    assert.equal(names(), ['x.lock'])
    next.release()
    assert.equal(names(), [])
  }),
)

lock('tryLock() follows no symbolic link, and takes over from one', () =>
  withLock(({ path, host, names }) => {
    if (process.platform === 'win32') return
    const target = `${path}.target`
    writeFileSync(target, JSON.stringify(HOLDER), { mode: 0o600 })
    symlinkSync(target, path)
    // Its own age counts, and that is the present.
    const later = Date.now() + 10 * SECOND
    const taken = tryLock(host({ startMs: later }), path, HOLD_MS)
    assert.ok(taken)
    taken.release()
    assert.equal(names(), ['x.lock.target'])
    assert.equal(JSON.parse(readFileSync(target, 'utf8')), HOLDER)
  }),
)

lock('tryLock() throws when the folder is not there', () =>
  withLock(({ path, host }) => {
    assert.throws(
      () => tryLock(host(), join(path, 'x'), HOLD_MS),
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    )
  }),
)

lock('tryLock() goes around a folder in the place of the lock', () =>
  withLock(({ path, host }) => {
    mkdirSync(path)
    const later = { startMs: Date.now() + 10 * SECOND }
    const taken = tryLock(host(later), path, HOLD_MS)
    assert.ok(taken)
    assert.is(tryLock(host(later), path, HOLD_MS), undefined)
  }),
)

lock.run()
