import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../runtime/host/host.ts'
import { ownIdentity } from '../../runtime/host/process_identity.ts'
import { type LockHost, takeBriefLock } from '../../runtime/host/process_lock.ts'
import { temporaryFolder } from '../_cli.ts'
import { fakeHost } from '../_host.ts'
import { deadPid, knowsEnds, probe, unshare } from '../_locks.ts'
import { notRun } from '../_not_run.ts'
import { processHost } from '../auth/_sharing.ts'

const lock = suite('host/brief_lock')

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

const HOLDER = {
  pid: 7,
  host: 'there',
  nonce: '0123456789abcdef',
  since: '2026-01-01T00:00:00.000Z',
  deadlineMs: NOW_MS + HOLD_MS,
}

lock('takeBriefLock() gives the lock to one, and to the next when it was released', () =>
  withLock(({ path, host, names }) => {
    const first = takeBriefLock(host(), path, HOLD_MS)
    assert.ok(first)
    assert.is(takeBriefLock(host(), path, HOLD_MS), undefined)
    first.release()
    assert.equal(names(), [])
    takeBriefLock(host(), path, HOLD_MS)!.release()
  }),
)

lock('takeBriefLock() holds for as long as is asked for, and for two minutes at most', () =>
  withLock(({ path, host }) => {
    for (const [holdMs, heldMs] of [
      [HOLD_MS, HOLD_MS],
      [3_600_000, 120 * SECOND],
    ] as const) {
      const taken = takeBriefLock(host(), path, holdMs)
      assert.is(JSON.parse(readFileSync(path, 'utf8')).deadlineMs, NOW_MS + heldMs)
      taken!.release()
    }
  }),
)

for (const [what, holder] of [
  ['whose time is not over', HOLDER],
  ['that ends at this moment', { ...HOLDER, deadlineMs: NOW_MS }],
  ['that is about to be written', ''],
] as const) {
  lock(`takeBriefLock() leaves a lock ${what}`, () =>
    withLock(({ path, host, write, names }) => {
      write(holder)
      assert.is(takeBriefLock(host(), path, HOLD_MS), undefined)
      assert.equal(names(), ['x.lock'])
    }),
  )
}

for (const [what, holder, modifiedAtMs] of [
  ['whose time is over', { ...HOLDER, deadlineMs: NOW_MS - 1 }, NOW_MS],
  ['of a clock that is ahead', { ...HOLDER, deadlineMs: NOW_MS + 121 * SECOND }, NOW_MS],
  ['without a deadline', { ...HOLDER, deadlineMs: undefined }, NOW_MS],
  ['that stayed empty', '', NOW_MS - 3 * SECOND],
  ['that is empty and from the future', '', NOW_MS + 3600 * SECOND],
  ['that is damaged', '{"pid":7,', NOW_MS - 3 * SECOND],
  ['that names a file elsewhere', { ...HOLDER, nonce: '../../x' }, NOW_MS - 3 * SECOND],
  ['of an earlier version', { pid: 7, host: 'there', nonce: HOLDER.nonce, deadlineMs: 1 }, NOW_MS - 3 * SECOND],
] as const) {
  lock(`takeBriefLock() takes over a lock ${what}, for one of many`, () =>
    withLock(({ path, host, write, names }) => {
      write(holder, modifiedAtMs)
      const taken = Array.from({ length: 20 }, () => takeBriefLock(host(), path, HOLD_MS)).filter(Boolean)
      assert.is(taken.length, 1)
      taken[0]!.release()
      assert.equal(names(), [])
    }),
  )
}

lock('takeBriefLock() takes over at once from a process that has certainly ended', () =>
  withLock(({ path, host, names }) => {
    if (!knowsEnds()) return
    takeBriefLock(host(), path, HOLD_MS)
    const left = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...left, pid: deadPid() }))
    takeBriefLock(host({ isRunning: systemHost().isRunning }), path, HOLD_MS)!.release()
    assert.equal(names(), [])
  }),
)

lock('takeBriefLock() waits for the deadline of a process in another pid namespace, which may still run', () =>
  withLock(({ path, host, write }) => {
    const starter = unshare()
    if (!starter) return
    const { own } = probe(ownIdentity(systemHost()), starter)
    write({ ...HOLDER, ...own })
    const { hostname, isRunning } = systemHost()
    assert.is(takeBriefLock(host({ hostname, isRunning }), path, HOLD_MS), undefined)
    assert.ok(takeBriefLock(host({ hostname, isRunning, startMs: NOW_MS + HOLD_MS + 1 }), path, HOLD_MS))
  }),
)

lock('release() leaves the lock of whoever took over', () =>
  withLock(({ path, host, names }) => {
    const slow = takeBriefLock(host(), path, HOLD_MS)!
    const heir = takeBriefLock(host({ startMs: NOW_MS + HOLD_MS + 1 }), path, HOLD_MS)!
    slow.release()
    assert.equal(names(), ['x.lock'])
    heir.release()
    assert.equal(names(), [])
  }),
)

lock('takeBriefLock() follows no symbolic link, and takes over from one', () =>
  withLock(({ path, host, names }) => {
    if (process.platform === 'win32') return notRun('not everybody may make links on Windows')
    const target = `${path}.target`
    writeFileSync(target, JSON.stringify(HOLDER), { mode: 0o600 })
    symlinkSync(target, path)
    // Its own age counts, and that is the present.
    takeBriefLock(host({ startMs: Date.now() + 10 * SECOND }), path, HOLD_MS)!.release()
    assert.equal(names(), ['x.lock.target'])
    assert.equal(JSON.parse(readFileSync(target, 'utf8')), HOLDER)
  }),
)

lock('takeBriefLock() throws when no lock can be made: without a folder, or with one in the place of the lock', () =>
  withLock(({ path, host }) => {
    assert.throws(
      () => takeBriefLock(host(), join(path, 'x'), HOLD_MS),
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    )
    mkdirSync(path)
    assert.throws(() => takeBriefLock(host({ startMs: Date.now() + 10 * SECOND }), path, HOLD_MS))
  }),
)

lock.run()
