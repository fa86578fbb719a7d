/** Each example of zx's documentation about `$`, with the context's `$`. */
import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Readable, Transform } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cd, type ProcessOutput, retry, useBash, within } from 'zx'
import { createShell } from '../../runtime/script/shell.ts'
import { rejects } from '../_assert.ts'
import { temporaryFolder } from '../_cli.ts'
import { fakeHost } from '../_host.ts'
import { needs } from '../_not_run.ts'
import { hasBash } from '../_programs.ts'

const documented = needs(hasBash(), 'commands of bash need bash', suite('shell: what zx documents'))

documented('within() scopes every setting, also in commands that run at the same time', async () => {
  const $ = shell()
  const names = ['cwd', 'env', 'nothrow', 'prefix', 'quiet', 'delimiter', 'timeout', 'foo'] as const
  const settings = () => names.map((name) => ($ as unknown as Record<string, unknown>)[name])
  const before = settings()
  const outputs = await Promise.all(
    ['/usr', '/', '/var'].map((folder) =>
      within(async () => {
        Object.assign($, { cwd: folder, nothrow: true, delimiter: ':', timeout: '20s', foo: folder, quiet: false })
        $.prefix += 'A=1;'
        $.env = { ...process.env, B: '2' }
        await new Promise((resolve) => setImmediate(resolve))
        const { stdout, exitCode } = await $`pwd; echo $A$B; exit 3`
        return [stdout, exitCode, $.sync`pwd`.stdout, (await $`pwd`.pipe`pwd`).stdout, settings()[7]]
      }),
    ),
  )
  assert.equal(
    outputs,
    ['/usr', '/', '/var'].map((folder) => [`${folder}\n12\n`, 3, `${folder}\n`, `${folder}\n`, folder]),
  )
  assert.equal(settings(), before)
  assert.is((await $`pwd`).stdout, `${process.cwd()}\n`)
  assert.is((await rejects($`exit 3`)).constructor.name.replace('_', ''), 'ProcessOutput')
})

documented('$({ … }) gives presets that can be chained, each with a sync of its own', async () => {
  const $ = shell()
  const first = $({ nothrow: true })
  assert.is((await first`exit 1`).exitCode, 1)
  assert.is(first({ sync: true })`exit 2`.exitCode, 2)
  assert.is($({ sync: true })({ nothrow: true })`exit 3`.exitCode, 3)
  assert.is(first.sync`exit 4`.exitCode, 4)
  assert.is($.sync({ nothrow: true })`exit 5`.exitCode, 5)
  const second = $({ verbose: false, env: { ...process.env, NODE_ENV: 'production' } })
  assert.is((await second`echo $NODE_ENV`).stdout, 'production\n')
  assert.is(second.sync`echo $NODE_ENV`.stdout, 'production\n')
})

documented('$({ input }) takes text, bytes, a stream, a command and its output', async () => {
  const $ = shell()
  const command = $({ input: Buffer.from('baz') })`cat`
  const outputs = [
    $({ input: 'foo' })`cat`,
    $({ input: Readable.from('bar') })`cat`,
    $({ input: command })`cat`,
    $({ input: await command })`cat`,
  ]
  assert.equal((await Promise.all(outputs)).map(String), ['foo', 'bar', 'baz', 'baz'])
})

documented('abort() ends one command, and its own signal tells of it', async () => {
  const $ = shell()
  const [aborted, other] = [$`sleep 60`, $`cat`]
  const { signal } = aborted
  aborted.abort('reason')
  assert.is(((await rejects(aborted)).cause as Error).name, 'AbortError')
  assert.is(signal.reason, 'reason')
  assert.match((await rejects(() => aborted.abort())).message, 'Too late to abort the process')
  other.stdin.end('as ever')
  assert.is((await other).stdout, 'as ever')
  const quiet = $({ nothrow: true })`sleep 60`
  quiet.abort()
  assert.not.ok((await quiet).ok)
})

documented('$({ signal }) and $({ ac }) end a command, and all that it is piped to', async () => {
  const $ = shell()
  const controller = new AbortController()
  const commands = [
    $({ signal: controller.signal })`sleep 60`,
    $({ ac: controller })`sleep 60`,
    $({ signal: controller.signal, nothrow: true })`echo test`.pipe`sleep 60`,
  ]
  assert.match((await rejects(() => commands[0]!.abort())).message, 'The signal is controlled by another process')
  const errors = Promise.all(commands.map((command) => rejects(command)))
  controller.abort()
  for (const { cause } of await errors) assert.is((cause as Error).name, 'AbortError')
})

documented('kill() and timeout send the signal that was asked for', async () => {
  const $ = shell()
  const [killed, plain] = [$`sleep 60`, $({ detached: false })`sleep 60`]
  const commands = [killed, plain, $({ timeout: '1ms' })`sleep 60`, $`sleep 60`.timeout('1ms', 'SIGKILL')]
  const signals = Promise.all(commands.map(signalOf))
  await Promise.all([killed.kill('SIGINT'), plain.kill()])
  assert.equal(await signals, ['SIGINT', 'SIGTERM', 'SIGTERM', 'SIGKILL'])
  const own = await within(async () => {
    $.kill = async (pid) => void process.kill(Number(pid), 'SIGUSR1')
    const command = $`sleep 60`
    await command.kill()
    return signalOf(command)
  })
  assert.is(own, 'SIGUSR1')
})

documented('cd(), useBash() and retry() of zx work on this $', async () => {
  const $ = shell()
  const before = process.cwd()
  try {
    cd('/usr')
    assert.is((await $`pwd`).stdout, '/usr\n')
    await within(async () => {
      cd(await $`echo /var`)
      assert.is((await $`pwd`).stdout, '/var\n')
    })
  } finally {
    process.chdir(before)
  }
  await within(async () => {
    $.prefix = 'false;'
    useBash()
    assert.is((await $`echo $BASH`).stdout, `${$.shell}\n`)
  })
  let count = 0
  assert.is((await retry(3, () => $`echo ${count}; exit ${count++ < 2 ? 1 : 0}`)).stdout, '2\n')
})

documented('$.shell, $.quote and $.preferLocal choose what runs a command', async () => {
  const $ = shell()
  const folder = temporaryFolder()
  try {
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin', 'hello'), '#!/bin/sh\necho hello\n', { mode: 0o755 })
    assert.is((await $({ preferLocal: join(folder, 'bin') })`hello`).stdout, 'hello\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const own = { shell: '/bin/sh', prefix: '', quote: (value: string) => `'<${value}>'` }
  assert.is((await $(own)`echo $0 ${'a b'}`).stdout, '/bin/sh <a b>\n')
})

documented('nothrow() and exitCode tell of a failure without an error', async () => {
  const $ = shell()
  assert.is(await $`[[ -d /none ]]`.exitCode, 1)
  assert.is((await $`exit 2`.nothrow()).exitCode, 2)
  const broken = await $({ nothrow: true, spawn: () => never('BrokenSpawn') })`echo foo`
  assert.equal([broken.ok, broken.exitCode, broken.message.split('\n')[0]], [false, null, 'BrokenSpawn'])
  await within(async () => {
    $.nothrow = true
    await rejects($`exit 1`.nothrow(false))
  })
})

documented('a command is quiet unless it is told otherwise', async () => {
  const $ = shell()
  const shown: string[] = []
  const log = (entry: { kind: string; verbose?: boolean }) => void (entry.verbose && shown.push(entry.kind))
  await $({ log })`echo a; echo b >&2`
  await $({ log })`echo a; echo b >&2`.verbose()
  assert.equal(shown, [])
  await $({ log, verbose: true, quiet: false })`echo a; echo b >&2`
  assert.equal(shown.sort(), ['cmd', 'end', 'stderr', 'stdout'])
})

documented('halt, stage, stdin and stdio', async () => {
  const $ = shell()
  const halted = $({ halt: true })`echo a`
  assert.is(halted.stage, 'halted')
  assert.is((await halted.run()).stdout, 'a\n')
  assert.is(halted.stage, 'fulfilled')
  const reading = $`while read; do echo $REPLY; done`
  reading.stdin.write('Hello, World!\n')
  reading.stdin.end()
  assert.is((await reading).stdout, 'Hello, World!\n')
  assert.is((await $({ stdio: ['ignore', 'pipe', 'pipe'] })`cat`).stdout, '')
})

documented('output in each of its forms', async () => {
  const $ = shell()
  const command = $`echo 'foo\nbar'`
  assert.is(await command.text(), 'foo\nbar\n')
  assert.is(await command.text('hex'), '666f6f0a6261720a')
  assert.equal(await command.lines(), ['foo', 'bar'])
  assert.equal(await $`printf 'a\\0b'`.lines('\0'), ['a', 'b'])
  assert.equal(await $`echo '{"foo": "bar"}'`.json(), { foo: 'bar' })
  const lines: string[] = []
  for await (const line of $`printf '1\n2'`) lines.push(line)
  for await (const line of $({ delimiter: '\0' })`printf '3\\0004'`) lines.push(line)
  assert.equal(lines, ['1', '2', '3', '4'])
  assert.is(command.fullCmd, `${$.prefix}echo 'foo\nbar'`)
})

documented('pipe() goes to commands, files and streams, before, during and after', async () => {
  const $ = shell()
  const folder = temporaryFolder()
  const upper = () => new Transform({ transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()) })
  try {
    const greeting = $`printf hello`.pipe($`awk '{printf $1", world!"}'`).pipe`tr '[a-z]' '[A-Z]'`
    assert.is((await greeting).stdout, 'HELLO, WORLD!')
    const file = join(folder, 'output')
    const written = createWriteStream(file)
    const closed = once(written, 'close')
    await $`echo hello`.pipe(upper()).pipe(written)
    await closed
    const cat = $`cat`
    createReadStream(file).pipe(cat as unknown as NodeJS.WritableStream)
    assert.is((await cat).stdout, 'HELLO\n')
    await $`echo hello`.pipe(`${file}-2`)
    // zx does not wait until the file is written.
    while (!existsSync(`${file}-2`)) await setTimeout(10)
    const both = $`echo foo >&2; echo bar`
    assert.equal([String(await both.pipe.stderr`cat`), String(await both.pipe.stdout`cat`)], ['foo', 'bar'])
    assert.is(String(await both.pipe`cat`).trim(), 'bar')
    const missing = $`printf 'a\\0'`.pipe($`xargs -0 grep ${'b'}`.nothrow()).pipe($`wc -l`)
    assert.is((await missing).stdout.trim(), '0')
    const halted = $({ halt: true })
    assert.is((await $`seq 100000`.pipe`head -1`).stdout, '1\n')
    const [first, second, all] = [$`echo a`, halted`echo b`, halted`sort`]
    first.pipe(all)
    second.pipe(all)
    assert.is((await all.run()).stdout, 'a\nb\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

// --- helpers ---

function shell() {
  const kill = (pid: number, signal: NodeJS.Signals | 0) => {
    try {
      return process.kill(pid, signal)
    } catch {
      return false
    }
  }
  const { after } = fakeHost()
  const host = { env: process.env, cwd: () => process.cwd(), isAllowed: () => true, after, kill }
  return createShell(host, { signal: new AbortController().signal })
}

async function signalOf(command: PromiseLike<ProcessOutput>): Promise<string | null> {
  return ((await rejects(command as Promise<ProcessOutput>)) as unknown as ProcessOutput).signal
}

function never(message: string): never {
  throw new Error(message)
}

documented.run()
