import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../runtime/host/host.ts'
import { ownIdentity } from '../../runtime/host/process_identity.ts'
import { type Held, type Lock, takeLock } from '../../runtime/host/process_lock.ts'
import { REPOSITORY, temporaryFolder } from '../_cli.ts'
import { type Compiled, compiled } from '../_compiled.ts'
import { deadPid, knowsEnds, unshare } from '../_locks.ts'

const processLock = suite('process_lock')
const host = systemHost()

let program: Compiled
processLock.before(() => {
  program = compiled(join(REPOSITORY, 'test', '_lock_child.ts'))
})
processLock.after(() => program.cleanup())

async function withLock(action: (file: string, names: () => string[]) => unknown): Promise<void> {
  const folder = temporaryFolder()
  try {
    await action(join(folder, 'x.lock'), () => readdirSync(folder).sort())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function taken(file: string, options: Parameters<typeof takeLock>[2] = {}): Lock {
  const lock = takeLock(host, file, options)
  assert.ok('release' in lock, 'somebody has it')
  return lock as Lock
}

function refused(file: string): Held {
  const held = takeLock(host, file)
  assert.not.ok('release' in held, 'nobody has it')
  return held as Held
}

/** Writes a lock file as another process does. */
function write(file: string, members: object = {}): void {
  const holder = { ...ownIdentity(host), nonce: '0123456789abcdef', since: '2026-01-01T00:00:00.000Z', ...members }
  writeFileSync(file, JSON.stringify(holder), { mode: 0o600 })
}

interface Child {
  readonly pid: number
  readonly lines: string[]
  readonly ended: Promise<void>
}

/** Resolves when it has written something. */
function start(args: readonly string[], starter: readonly string[] = []): Promise<Child> {
  const [command, ...words] = [...starter, process.execPath, ...program.args, ...args]
  const child = spawn(command!, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  return new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.trim().split('\n'))
      resolve({ pid: child.pid!, lines, ended })
    })
    void ended.then(() => resolve({ pid: child.pid!, lines, ended }))
  })
}

processLock('takeLock() names the holder, for its user alone, and leaves nothing behind', () =>
  withLock((file, names) => {
    const lock = taken(file, { more: { role: 'worker' } })
    assert.equal(names(), ['x.lock'])
    const { nonce, since, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
    assert.equal(rest, JSON.parse(JSON.stringify({ role: 'worker', ...ownIdentity(host) })))
    assert.match(nonce, /^[0-9a-f]{16}$/)
    assert.match(since, /^\d{4}-\d\d-\d\dT/)
    if (process.platform !== 'win32') assert.is(statSync(file).mode & 0o777, 0o600)
    assert.equal(refused(file).holder, lock.holder)
    lock.release()
    assert.equal(names(), [])
  }),
)

processLock('takeLock() takes over from a process that has ended, and from those who died while they took over', () =>
  withLock((file, names) => {
    if (!knowsEnds()) return
    write(file, { pid: deadPid() })
    write(`${file}.0123456789abcdef`, { pid: deadPid(), nonce: '0000000000000001' })
    write(`${file}.00000000000000ff.0000000000000001.new`, { pid: deadPid() })
    writeFileSync(`${file}.of-somebody-else`, '')
    taken(file).release()
    assert.equal(names(), ['x.lock.of-somebody-else'])
  }),
)

for (const [what, members] of [
  ['of a process that runs', {}],
  ['of another computer', { pid: 4_000_000, host: 'elsewhere' }],
  ['of another pid namespace', { pid: 4_000_000, namespace: 'pid:[1]' }],
  ['from before this computer started', { pid: 4_000_000, boot: 'earlier' }],
  ['that says too little of its holder', { pid: 4_000_000, namespace: undefined }],
  ['of a group of processes', { pid: -4_000_000 }],
  ['that names a file elsewhere', { pid: 4_000_000, nonce: '../../x' }],
] as const) {
  processLock(`takeLock() takes over no lock ${what}`, () =>
    withLock((file, names) => {
      write(file, members)
      const before = readFileSync(file, 'utf8')
      refused(file)
      assert.is(readFileSync(file, 'utf8'), before)
      assert.equal(names(), ['x.lock'])
    }),
  )
}

processLock('takeLock() takes over nothing while another process takes over', () =>
  withLock((file) => {
    write(file, { pid: deadPid() })
    write(`${file}.0123456789abcdef`, { nonce: '0000000000000001' })
    refused(file)
    assert.match(readFileSync(file, 'utf8'), '0123456789abcdef')
  }),
)

processLock('takeLock() takes what names nobody for a lock: an empty or damaged file, a link, a folder', () =>
  withLock((file) => {
    for (const text of ['', '{"pid":7,', '[]']) {
      writeFileSync(file, text)
      assert.is(refused(file).holder, undefined)
    }
    rmSync(file)
    if (process.platform !== 'win32') {
      write(`${file}.target`, { pid: deadPid() })
      symlinkSync(`${file}.target`, file)
      assert.is(refused(file).holder, undefined)
      rmSync(file)
    }
    mkdirSync(file)
    assert.is(refused(file).holder, undefined)
  }),
)

processLock('takeLock() asks its caller whether a lock is free of which nobody knows that its holder has ended', () =>
  withLock((file, names) => {
    const seen: unknown[] = []
    const isFree = ({ holder }: Held) => {
      seen.push(holder?.['deadline'])
      return true
    }
    write(file, { deadline: 5 })
    taken(file, { isFree }).release()
    writeFileSync(file, '')
    taken(file, { isFree }).release()
    assert.equal(seen, [5, undefined])
    assert.equal(names(), [])
  }),
)

processLock('release() leaves a lock alone that is not its own any more', () =>
  withLock((file, names) => {
    const lock = taken(file)
    write(file)
    lock.release()
    assert.equal(names(), ['x.lock'])
  }),
)

processLock('takeLock() throws when no file can be made', () =>
  withLock((file) => {
    assert.throws(
      () => takeLock(host, join(file, 'none', 'x.lock')),
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    )
  }),
)

processLock('a process that ends by exit() gives its lock back', () =>
  withLock(async (file, names) => {
    const child = await start([file, 'exit'])
    await child.ended
    assert.equal(child.lines, ['taken'])
    assert.equal(names(), ['x.lock.inside'])
  }),
)

processLock('of many processes of which some are killed, one at a time has the lock', () =>
  withLock(async (file, names) => {
    if (!knowsEnds()) return
    const lines: string[] = []
    const lane = async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        const child = await start([file, 'turns', '20'])
        await child.ended
        lines.push(...child.lines)
      }
    }
    await Promise.all(Array.from({ length: 4 }, lane))
    assert.not.ok(lines.includes('two'), 'two had it at the same time')
    assert.ok(lines.length > 30, `taken ${lines.length} times`)
    taken(file).release()
    assert.equal(names(), [])
  }),
)

processLock('a process in another pid namespace has its lock until somebody deletes the file', () =>
  withLock(async (file) => {
    const starter = unshare()
    if (!starter) return
    const child = await start([file, 'hold'], starter)
    assert.equal(child.lines, ['taken'])
    assert.is(refused(file).holder?.pid, 1)
    process.kill(child.pid, 'SIGKILL')
    await child.ended
    const held = refused(file)
    rmSync(held.file)
    const own = taken(file)
    const other = await start([file, 'once'], starter)
    await other.ended
    assert.equal(other.lines, ['held'], 'this process was not taken for ended in there')
    own.release()
  }),
)

processLock.run()
