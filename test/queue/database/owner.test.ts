import { chmodSync, existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, RefusedError } from '../../../runtime/core/errors.ts'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { ownIdentity } from '../../../runtime/host/process_identity.ts'
import { type Claim, claimFolder, ownedByOther, readOwner } from '../../../runtime/queue/database/owner.ts'
import { rejects } from '../../_assert.ts'
import { temporaryFolder } from '../../_cli.ts'
import { deadPid, knowsEnds, unshare } from '../../_locks.ts'
import { notRun } from '../../_not_run.ts'
import { startHolder } from '../store/_holding.ts'
import { storeHost } from '../store/_store.ts'

const owner = suite('owner')
const host = storeHost()
let folder: string

owner.before.each(() => {
  folder = join(temporaryFolder(), 'queue')
})

owner.after.each(() => {
  rmSync(dirname(folder), { recursive: true, force: true })
})

type Own = Extract<Claim, { own: unknown }>

async function claimed(given = host): Promise<Own> {
  const claim = await claimFolder(given, folder, 'worker')
  assert.ok('own' in claim, 'somebody else has it')
  return claim
}

function rewrite(change: object): void {
  const file = join(folder, 'owner.json')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }))
}

owner('when many processes claim a folder, one gets it and the others learn who has it', async () => {
  const claims = await Promise.all(Array.from({ length: 20 }, () => claimFolder(host, folder, 'worker')))
  const owns = claims.filter((claim): claim is Own => 'own' in claim)
  assert.is(owns.length, 1)
  for (const claim of claims) if ('other' in claim) assert.equal(claim.other, owns[0]!.own)
  owns[0]!.release()
  assert.is(readOwner(host, folder), undefined)
  const { release } = await claimed()
  release()
})

owner('the owner file and its key are readable only by this user', async () => {
  if (host.platform === 'win32') return notRun('modes of files are not those of Windows')
  const { release } = await claimed()
  assert.is(statSync(folder).mode & 0o777, 0o700)
  assert.is(statSync(join(folder, 'owner.json')).mode & 0o777, 0o600)
  release()
})

owner("the refusal names the owner's process, its computer, its start and the next step", async () => {
  const { own, release } = await claimed({
    ...host,
    nowMs: () => Date.UTC(2026, 10, 25, 1, 2, 3),
    hostname: () => 'desk',
  })
  const error = ownedByOther(folder, own)
  assert.instance(error, RefusedError)
  assert.match(error.message, `another worker has it, process ${process.pid} on desk since 2026-11-25 01:02:03 UTC`)
  assert.match(error.message, 'Stop that one first. If you are sure that it has ended, delete ')
  assert.match(error.message, `delete ${quotedPath(join(folder, 'owner.json'))}. With PostgreSQL (WFG_DATABASE_URL)`)
  release()
})

owner('exactly one of many processes takes over from a dead owner', async () => {
  if (!knowsEnds()) return
  await claimed()
  rewrite({ pid: deadPid() })
  const claims = await Promise.all(Array.from({ length: 20 }, () => claimFolder(host, folder, 'worker')))
  assert.is(claims.filter((claim) => 'own' in claim).length, 1)
})

owner(
  'an owner on another computer, from before a restart, or in another container is never taken for dead',
  async () => {
    await claimed()
    for (const change of [{ host: 'elsewhere' }, { boot: 'earlier' }, { namespace: 'pid:[1]' }]) {
      rewrite({ pid: deadPid(), ...change })
      assert.ok('other' in claimFolder(host, folder, 'worker'))
      rewrite({ ...ownIdentity(host) })
    }
  },
)

owner('of two workers in two pid namespaces, the second is refused', async () => {
  const starter = unshare()
  if (!starter) return
  const holder = await startHolder({ folder, starter })
  const claim = claimFolder(host, folder, 'worker')
  assert.ok('other' in claim, 'the database would be destroyed')
  assert.is(claim.other.pid, 1)
  await holder.kill()
  assert.ok('other' in claimFolder(host, folder, 'worker'), 'nobody out here knows that it has ended')
  rmSync(join(folder, 'owner.json'))
  const { release } = await claimed()
  await rejects(startHolder({ folder, starter }), { message: /another worker has it/ })
  release()
})

owner("a process that reuses the dead owner's pid is not taken for the owner", async () => {
  if (host.platform !== 'linux') return notRun('only Linux tells when a process started')
  await claimed()
  assert.ok('other' in claimFolder(host, folder, 'worker'), 'it lives')
  rewrite({ start: '1' })
  const { release } = await claimed()
  release()
  await claimed()
  rewrite({ start: undefined })
  assert.ok('other' in claimFolder(host, folder, 'worker'), 'nobody knows when it started')
})

owner(
  'a file that names nobody, or is of an earlier version, says nothing for certain: the folder is refused',
  async () => {
    const { release } = await claimed()
    release()
    const file = join(folder, 'owner.json')
    for (const text of ['', '{"pid":', '{"pid":7,"host":"here","role":"worker","sinceMs":1}']) {
      writeFileSync(file, text, { mode: 0o600 })
      const { message } = await rejects(() => claimFolder(host, folder, 'worker'), { instance: ConfigError })
      assert.match(message, 'it does not name one. If you are sure that no worker of this project runs, delete it.')
    }
  },
)

owner('an owner file that others can read, or that is a link, makes the folder refused', async () => {
  if (host.platform === 'win32') return notRun('modes of files are not those of Windows')
  await claimed()
  const file = join(folder, 'owner.json')
  chmodSync(file, 0o644)
  const error = await rejects(() => claimFolder(host, folder, 'worker'), { instance: ConfigError })
  assert.match(
    error.message,
    `${quotedPath(file)} must be a file that names the owner and that only you can read, and other users have access`,
  )
  rmSync(file)
  symlinkSync('/nowhere', file)
  await rejects(() => claimFolder(host, folder, 'worker'), { instance: ConfigError })
})

owner('giving the folder back does not disturb the next owner', async () => {
  if (!knowsEnds()) return
  const first = await claimed()
  rewrite({ pid: deadPid() })
  const second = await claimed()
  first.release()
  assert.equal(readOwner(host, folder), second.own)
  second.release()
})

owner(
  'a socket whose path would be too long is made in a private folder of the system, and goes with its owner',
  async () => {
    if (host.platform === 'win32') return notRun('Windows has pipes instead')
    if (!knowsEnds()) return
    const short = await claimed()
    short.release()
    folder = join(folder, 'long'.repeat(30))
    const { own, release } = await claimed()
    assert.is(dirname(dirname(own.socket)), tmpdir())
    assert.ok(Buffer.byteLength(own.socket) < 100)
    assert.is(statSync(dirname(own.socket)).mode & 0o777, 0o700)
    release()
    assert.not.ok(existsSync(dirname(own.socket)))
    const dead = await claimed()
    rewrite({ pid: deadPid() })
    const next = await claimed()
    assert.not.ok(existsSync(dirname(dead.own.socket)), 'the dead one left its folder')
    next.release()
    folder = dirname(folder)
  },
)

owner('a folder that is a link or a file is refused', async () => {
  writeFileSync(folder, '')
  await rejects(() => claimFolder(host, folder, 'worker'))
})

owner.run()
