import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../runtime/host/host.ts'
import { hasEnded, ownIdentity } from '../../runtime/host/process_identity.ts'
import { deadPid, probe, unshare } from '../_locks.ts'
import { notRun } from '../_not_run.ts'

const identity = suite('process_identity')
const host = systemHost()
const own = ownIdentity(host)
const onWindows = process.platform === 'win32'

function onLinux(title: string, test: () => void | Promise<void>): void {
  identity(title, () => {
    if (process.platform !== 'linux') return notRun('only Linux tells boot, pid namespace and start of a process')
    return test()
  })
}

onLinux('ownIdentity() knows boot, pid namespace and start, the same each time', () => {
  assert.match(own.boot!, /^[0-9a-f-]{36}$/)
  assert.match(own.namespace!, /^pid:\[\d+\]$/)
  assert.match(own.start!, /^\d+$/)
  assert.equal(ownIdentity(host), own)
})

identity('ownIdentity() knows pid and host alone when the system tells no more, or Deno would ask', () => {
  assert.equal(ownIdentity({ ...host, isAllowed: () => false }), { pid: process.pid, host: 'unknown' })
  const foreign = { ...host, pid: process.pid + 1 }
  if (!onWindows)
    assert.equal(ownIdentity(foreign), { pid: process.pid + 1, host: host.hostname() }, 'a /proc of others')
})

onLinux('hasEnded() is true of a process that is gone, and of one whose pid a later process has', async () => {
  assert.is(hasEnded(host, own), false)
  assert.is(hasEnded(host, { ...own, pid: deadPid() }), true)
  assert.is(hasEnded(host, { ...own, start: '1' }), true)
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  assert.is(hasEnded(host, { ...own, pid: child.pid! }), true, 'it started later')
  await once(child, 'exit')
})

identity('hasEnded() is true on Windows of a process that is gone, as long as its pid is free', () => {
  if (!onWindows) return notRun('only Windows has one pid namespace, and tells neither boot nor start')
  assert.is(hasEnded(host, own), false)
  assert.is(hasEnded(host, { ...own, pid: deadPid() }), true)
})

for (const [what, change] of [
  ['of another computer', { host: 'elsewhere' }],
  ['of another boot', { boot: '00000000-0000-0000-0000-000000000000' }],
  ['of another pid namespace', { namespace: 'pid:[1]' }],
  ['whose pid namespace is not known', { namespace: undefined }],
  ...(onWindows
    ? []
    : ([
        ['whose boot is not known', { boot: undefined }],
        ['whose start is not known', { start: undefined }],
      ] as const)),
] as const) {
  identity(`hasEnded() is false of a process ${what}, whatever its pid says here`, () => {
    assert.is(hasEnded(host, { ...own, pid: deadPid(), ...change }), false)
  })
}

identity('hasEnded() is false of every process when this one does not know who it is', () => {
  assert.is(hasEnded({ ...host, isAllowed: () => false }, { ...own, pid: deadPid() }), false)
  assert.is(hasEnded({ ...host, isAllowed: () => false }, { pid: deadPid(), host: 'unknown' }), false)
})

onLinux('a process in another pid namespace is not taken for ended, from inside and from outside', () => {
  const starter = unshare()
  if (!starter) return
  const inside = probe(own, starter)
  assert.is(inside.ended, false)
  assert.is.not(inside.own.namespace, own.namespace)
  assert.is(inside.own.boot, own.boot)
  assert.is(hasEnded(host, inside.own), false, 'it is gone, but nobody here can know')
  const here = probe(own)
  assert.is(here.ended, false)
  assert.is(hasEnded(host, here.own), true)
})

onLinux('a process that sees the /proc of another pid namespace knows nothing', () => {
  const starter = unshare()
  if (!starter) return
  const inside = probe(
    own,
    starter.filter((word) => word !== '--mount-proc'),
  )
  assert.is(inside.own.start, undefined)
  assert.is(inside.ended, false)
})

identity.run()
