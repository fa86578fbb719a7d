import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../../runtime/host/host.ts'
import { provideDeno } from '../../../runtime/script/deno/global.ts'
import { folderWithPackages, REPOSITORY, removeFolder, temporaryFolder } from '../../_cli.ts'
import { compiledText } from '../../_compiled.ts'
import { fakeHost } from '../../_host.ts'
import { notRun } from '../../_not_run.ts'
import { commandOf, programOf as pathOf, RUNTIME } from '../../_runtime.ts'

const global = suite('deno_global')

interface Child {
  readonly status: Promise<{ readonly success: boolean }>
  kill(signal: NodeJS.Signals): void
}

/** Each is run by Deno itself and by Node with the global provided; both must print the same and end the same way. */
const SAME: Readonly<Record<string, string>> = {
  'Deno.args, Deno.env and Deno.cwd are the same': `
    await told('args', () => [Deno.args, Array.isArray(Deno.args), Deno.args === Deno.args])
    await told('cwd', () => Deno.cwd())
    await told('get', () => [Deno.env.get('A_B'), Deno.env.get('NOT_SET')])
    await told('set', () => {
      Deno.env.set('C_D', 'e')
      return [Deno.env.get('C_D'), Deno.env.has('C_D'), Deno.env.toObject().C_D, Deno.env.delete('C_D'), Deno.env.has('C_D')]
    })
    await told('execPath', async () => [(await Deno.stat(Deno.execPath())).isFile, Deno.execPath() === Deno.execPath()])
    await told('pid', () => [typeof Deno.pid, typeof Deno.ppid, Deno.hostname(), typeof Deno.noColor])`,

  'what is told of the system and of processes is the same': `
    await told('umask', () => [Deno.umask(), Deno.umask(0o077), Deno.umask()])
    await told('umask of a file', async () => {
      await Deno.writeTextFile('private', '')
      return ((await Deno.stat('private')).mode & 0o777).toString(8)
    })
    await told('memory', () => [Deno.systemMemoryInfo().total, Object.keys(Deno.systemMemoryInfo())])
    await told('networks', () => Deno.networkInterfaces().map((each) => Object.entries(each).sort()).sort())
    await told('kill', () => Deno.kill(2 ** 22 + 5))
    await told('kill by no signal', () => Deno.kill(Deno.pid, 'SIGNOPE'))
    await told('kill a child', async () => {
      const child = new Deno.Command('sleep', { args: ['60'] }).spawn()
      Deno.kill(child.pid, 'SIGKILL')
      return { ...(await child.status) }
    })
    await told('timers', () => {
      Deno.unrefTimer(setTimeout(() => {}, 100_000))
      const timer = setTimeout(() => {}, 100_000)
      Deno.refTimer(timer)
      clearTimeout(timer)
    })`,

  'signal listeners are the same': `
    await told('heard', async () => {
      const removed = () => console.log('removed')
      Deno.addSignalListener('SIGUSR2', removed)
      Deno.removeSignalListener('SIGUSR2', removed)
      const heard = new Promise((resolve) => Deno.addSignalListener('SIGUSR2', () => resolve('heard')))
      const timer = setTimeout(() => {}, 20_000)
      Deno.kill(Deno.pid, 'SIGUSR2')
      const result = await heard
      clearTimeout(timer)
      return result
    })`,

  'Deno.watchFs is the same': `
    const dir = Deno.cwd()
    await Deno.mkdir('sub')
    const first = async (watcher, kind) => {
      for await (const event of watcher) if (event.kind === kind) return event.paths
      return 'closed'
    }
    const soon = (work) => void setTimeout(work, 200)
    for (const [name, kind, work] of [
      ['create', 'create', () => Deno.writeTextFileSync('sub/a', 'x')],
      ['modify', 'modify', () => Deno.writeTextFileSync('sub/a', 'xy')],
      ['remove', 'remove', () => Deno.removeSync('sub/a')],
    ]) {
      await told(name, () => {
        soon(work)
        return first(Deno.watchFs('.'), kind)
      })
    }
    await told('file', () => {
      Deno.writeTextFileSync('a', '')
      soon(() => Deno.writeTextFileSync('a', 'x'))
      return first(Deno.watchFs(['a']), 'modify')
    })
    await told('closed', () => {
      const watcher = Deno.watchFs('.')
      soon(() => watcher.close())
      return first(watcher, 'other')
    })
    await told('none', () => Deno.watchFs(['.', 'none']))`,

  'Deno.inspect shows the same depth': `
    console.log(Deno.inspect({ a: { b: { c: { d: { e: 1 } } } }, list: [1, null, undefined] }))`,

  'Deno.build and Deno.errors are the same': `
    await told('build', () => [Deno.build.os, Deno.build.arch, Deno.build.target])
    await told('errors', () => Object.keys(Deno.errors).sort())
    for (const name of Object.keys(Deno.errors).sort()) {
      const error = new Deno.errors[name]('why')
      await told(name, () => [error.name, error.message, String(error), error instanceof Error, Deno.errors[name].name])
    }`,

  'reading and writing files is the same': `
    const data = new TextEncoder().encode('bytes')
    await both('writeTextFile', 'a.txt', 'one')
    await both('writeTextFile', 'a.txt', 'two', { append: true })
    await both('readTextFile', 'a.txt')
    await both('readTextFile', new URL('a.txt', 'file://' + Deno.cwd() + '/'))
    await both('writeTextFile', 'a.txt', 'x')
    await both('writeTextFile', 'a.txt', 'x', { createNew: true })
    await both('writeTextFile', 'none', 'x', { create: false })
    await both('writeTextFile', 'none/a.txt', 'x')
    await both('writeTextFile', '.', 'x')
    await both('writeFile', 'b', data)
    await both('writeFile', 'none/b', data)
    await both('readFile', 'b')
    await both('readFile', 'none')
    await both('readTextFile', 'none')
    await both('readTextFile', new URL('file:///none/a b'))
    await both('readTextFile', '.')
    await both('readTextFile', 'a.txt/b')
    await told('mode', async () => {
      await Deno.writeTextFile('a.txt', 'x', { mode: 0o604 })
      return (await Deno.stat('a.txt')).mode & 0o777
    })
    await told('aborted', () => Deno.readTextFile('a.txt', { signal: AbortSignal.abort(new Error('over')) }).catch((e) => e.name))
    await both('open', 'none')`,

  'Deno.open and what it gives is the same': `
    const encoded = (text) => new TextEncoder().encode(text)
    const text = (bytes) => new TextDecoder().decode(bytes)
    await Deno.writeTextFile('a', 'hello world')
    for (const options of [
      {},
      { read: false },
      { create: true },
      { createNew: true, read: true },
      { truncate: true, read: true },
      { append: true, truncate: true, write: true },
      { createNew: true, write: true },
      { append: true },
    ]) {
      await both('open', 'a', options)
    }
    await both('open', 'none')
    await both('open', 'none/a', { write: true, create: true })
    await told('content', () => Deno.readTextFile('a'))
    await told('mode', async () => {
      Deno.openSync('private', { write: true, createNew: true, mode: 0o600 }).close()
      return (await Deno.stat('private')).mode & 0o777
    })
    for (const sync of ['', 'Sync']) {
      const opened = (name, options, work) =>
        told(name + sync, async () => {
          const file = await Deno['open' + sync]('a', options)
          try {
            return await work(file, (method, ...args) => file[method + sync](...args))
          } finally {
            try { file.close() } catch {}
          }
        })
      await opened('read', undefined, async (file, call) => {
        const bytes = new Uint8Array(8)
        const counts = [await call('read', new Uint8Array(0)), await call('read', bytes)]
        return [...counts, text(bytes), await call('read', bytes), await call('read', bytes)]
      })
      await opened('seek', { read: true, write: true }, async (file, call) => {
        const bytes = new Uint8Array(3)
        const at = [await call('seek', 6, Deno.SeekMode.Start), await call('read', bytes), await call('seek', -1, Deno.SeekMode.Current)]
        await call('write', encoded('R'))
        at.push(await call('seek', -2n, Deno.SeekMode.End), await call('read', bytes), await call('seek', 0, Deno.SeekMode.Current))
        return [at, text(bytes), await Deno.readTextFile('a')]
      })
      await opened('seek before', undefined, (file, call) => call('seek', -1, Deno.SeekMode.Start))
      await opened('append', { read: true, append: true }, async (file, call) => {
        const at = [await call('seek', 2, Deno.SeekMode.Start), await call('write', encoded('!')), await call('seek', 0, Deno.SeekMode.Current)]
        return [at, await Deno.readTextFile('a')]
      })
      await opened('truncate', { read: true, write: true }, async (file, call) => {
        await call('truncate', 5)
        await call('sync')
        await call('syncData')
        await call('utime', 1, new Date(2000))
        const { size, mtime, isFile } = await call('stat')
        return [size, mtime, isFile, file.isTerminal(), await Deno.readTextFile('a')]
      })
      await opened('write what is read', undefined, (file, call) => call('write', encoded('x')))
      await opened('write text', { write: true }, (file, call) => call('write', 'text'))
      for (const method of ['read', 'write']) {
        await opened('closed ' + method, { read: true, write: true }, async (file, call) => {
          file.close()
          await call(method, new Uint8Array(1))
        })
      }
      await told('folder' + sync, async () => (await Deno['open' + sync]('.')).readSync(new Uint8Array(1)))
      await told('create' + sync, async () => {
        const file = await Deno['create' + sync]('made')
        file.writeSync(encoded('made'))
        file.close()
        file[Symbol.dispose]()
        return [file instanceof Deno.FsFile, await Deno.readTextFile('made')]
      })
    }
    await told('closed twice', async () => {
      const file = await Deno.open('a')
      file.close()
      file.close()
    })
    await told('one after another', async () => {
      const file = await Deno.create('made')
      const written = Array.from({ length: 50 }, (_, index) => file.write(encoded(index + ',')))
      file.close()
      await Promise.all(written)
      return Deno.readTextFile('made')
    })
    await told('streams', async () => {
      await Deno.writeFile('big', new Uint8Array(300_000).fill(65))
      const from = await Deno.open('big')
      await from.readable.pipeTo((await Deno.create('copy')).writable)
      return [(await Deno.stat('copy')).size, from.readable === from.readable]
    })
    await told('stream of text', async () => {
      const file = await Deno.create('made')
      await file.writable.getWriter().write('text')
    })
    await told('pipe', async () => {
      await new Deno.Command('mkfifo', { args: ['pipe'] }).output()
      const file = await Deno.open('pipe', { read: true, write: true })
      await file.write(encoded('in'))
      const bytes = new Uint8Array(9)
      return [await file.read(bytes), text(bytes.subarray(0, 2)), await file.seek(0, Deno.SeekMode.Start)]
    })`,

  'folders and what is said of files are the same': `
    await both('mkdir', 'a/b/c')
    await both('mkdir', 'a/b/c', { recursive: true })
    await both('mkdir', 'a')
    await Deno.writeTextFile('a/file', 'abc')
    await both('mkdir', 'a/file', { recursive: true })
    for (const path of ['a', 'a/file', 'none']) {
      const what = (i) => [i.isFile, i.isDirectory, i.isSymlink, path === 'a' ? 0 : i.size, i.mtime instanceof Date, Object.keys(i).sort()]
      for (const name of ['stat', 'lstat']) {
        await told(name + path, async () => what(await Deno[name](path)))
        await told(name + 'Sync' + path, () => what(Deno[name + 'Sync'](path)))
      }
    }
    for (const path of ['a', 'none', 'a/file', new URL('a/', 'file://' + Deno.cwd() + '/')]) {
      const sorted = (entries) => entries.map((entry) => ({ ...entry })).sort((x, y) => (x.name < y.name ? -1 : 1))
      await told('readDir', async () => {
        const entries = []
        for await (const entry of Deno.readDir(path)) entries.push(entry)
        return sorted(entries)
      })
      await told('readDirSync', () => sorted([...Deno.readDirSync(path)]))
    }
    await told('readDir later', () => void Deno.readDir('none'))`,

  'copying, renaming and removing are the same': `
    for (const sync of ['', 'Sync']) {
      const name = (path) => sync + path
      await Deno.mkdir(name('full/empty'), { recursive: true })
      await Deno.writeTextFile(name('full') + '/file', 'abc')
      const one = (method, ...args) => told(method + sync + args, () => Deno[method + sync](...args))
      await one('copyFile', name('full') + '/file', name('copy'))
      await one('copyFile', 'none', 'x')
      await one('copyFile', name('copy'), 'none/x')
      await one('copyFile', name('copy'), name('full'))
      await one('copyFile', name('full'), 'x')
      await one('copyFile', name('full'), name('copy'))
      await one('copyFile', name('full'), name('full'))
      await one('copyFile', name('copy'), name('copy'))
      await one('readTextFile', name('copy'))
      await one('rename', name('copy'), name('full'))
      await one('rename', name('full'), name('copy'))
      await one('rename', name('full'), name('full/in'))
      await one('mkdir', name('copy') + '/in')
      await one('mkdir', name('copy') + '/in/in', { recursive: true })
      await one('link', name('copy'), name('full') + '/file')
      await one('remove', '.')
      await one('stat', '')
      await one('rename', name('copy'), name('renamed'))
      await one('rename', 'none', 'x')
      await one('remove', name('full'))
      await one('remove', name('full/empty'))
      await one('remove', name('renamed'))
      await one('remove', 'none')
      await one('remove', 'none', { recursive: true })
      await one('remove', name('full') + '/file/none')
      await one('remove', name('full'), { recursive: true })
      await one('symlink', '/tmp', name('link'))
      await one('readLink', name('link'))
      await one('remove', name('link'))
      await one('chmod', 'none', 0o600)
      await one('truncate', 'none')
      await one('realPath', 'none')
    }
    await told('chdir', () => Deno.chdir('none'))`,

  'temporary folders and files are the same': `
    for (const sync of ['', 'Sync']) {
      await told('dir', async () => {
        const path = await Deno['makeTempDir' + sync]({ dir: '.', prefix: 'pre-', suffix: '.post' })
        return [path.replace(/pre-\\w+/, 'pre-'), ((await Deno.stat(path)).mode & 0o777).toString(8)]
      })
      await told('file', async () => {
        const path = await Deno['makeTempFile' + sync]({ dir: '.', prefix: 'pre-', suffix: '.post' })
        return [path.replace(/pre-\\w+/, 'pre-'), (await Deno.stat(path)).size]
      })
      await told('default', async () => {
        const path = await Deno['makeTempDir' + sync]()
        await Deno.remove(path)
        return path.startsWith((Deno.env.get('TMPDIR') ?? '/tmp') + '/')
      })
      await told('none', () => Deno['makeTempDir' + sync]({ dir: 'none' }))
      await told('none', () => Deno['makeTempFile' + sync]({ dir: 'none' }))
    }`,

  'Deno.Command output() and outputSync() are the same': `
    const text = (bytes) => new TextDecoder().decode(bytes)
    const of = (o) => [o.code, o.success, o.signal, text(o.stdout), text(o.stderr), o.stdout.constructor.name, Object.keys(o)]
    const run = async (name, command, options, what = of) => {
      await told(name, async () => what(await new Deno.Command(command, options).output()))
      await told(name + ' sync', () => what(new Deno.Command(command, options).outputSync()))
    }
    const sh = (script, options) => [ 'sh', { args: ['-c', script], ...options } ]
    await run('both', ...sh('echo out; echo err >&2; exit 3'))
    await run('killed', ...sh('kill -TERM $$'))
    await run('args', 'printf', { args: ['%s,', 'a b', '$HOME', '*'] })
    await run('input', 'cat', {})
    await run('cwd', 'pwd', { cwd: '/usr' })
    await run('cwd url', 'pwd', { cwd: new URL('file:///usr') })
    await run('env', ...sh('echo $A_B $C_D', { env: { C_D: 'e' } }))
    // Not the whole environment, because Node adds a variable of its own while coverage is measured.
    await run('clearEnv', '/bin/sh', { args: ['-c', 'echo "$C_D($A_B)"'], clearEnv: true, env: { C_D: 'e' } })
    await run('null', ...sh('echo out', { stdout: 'null' }))
    await run('null code', ...sh('echo out >&2', { stdout: 'null', stderr: 'null' }), (o) => o.code)
    await run('inherit', ...sh('echo out', { stdout: 'inherit' }), (o) => o.code)
    await run('much', 'seq', { args: ['1', '300000'] }, (o) => o.stdout.length)
    await run('piped input', 'cat', { stdin: 'piped' })
    await Deno.writeTextFile('file', 'x')
    for (const [command, options] of [['no-such-program'], ['./no-such-program'], ['./file'], ['true', { cwd: '/none' }]]) {
      await failed(command, () => new Deno.Command(command, options).output())
      await failed(command + ' sync', () => new Deno.Command(command, options).outputSync())
    }`,

  'Deno.Command spawn() is the same': `
    const start = (script, options) => new Deno.Command('sh', { args: ['-c', script], ...options }).spawn()
    const status = async (child) => ({ ...(await child.status) })
    await told('inherit', () => status(start('echo out; echo err >&2; exit 3')))
    await told('pipes', async () => {
      const child = start('cat; echo err >&2', { stdin: 'piped', stdout: 'piped', stderr: 'piped' })
      const writer = child.stdin.getWriter()
      await writer.write(new TextEncoder().encode('in'))
      await writer.close()
      const { code, stdout, stderr } = await child.output()
      return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr), child.stdout.locked]
    })
    await told('text', async () => {
      const child = start('echo out', { stdout: 'piped' })
      return [await child.stdout.text(), await status(child)]
    })
    await told('json', async () => {
      const child = start('echo [1]', { stdout: 'piped' })
      return [await child.stdout.json(), await status(child)]
    })
    await told('chunks', async () => {
      const child = start('echo out', { stdout: 'piped' })
      const chunks = []
      for await (const chunk of child.stdout) chunks.push(chunk.constructor.name, ...chunk)
      return [chunks, await status(child)]
    })
    await told('read after the end', async () => {
      const child = start('echo out', { stdout: 'piped' })
      await child.status
      return (await child.output()).stdout.length
    })
    await told('twice', async () => {
      const child = start('echo out', { stdout: 'piped' })
      await child.output()
      await child.output()
    })
    for (const name of ['stdin', 'stdout', 'stderr']) {
      await told(name, async () => {
        const child = start('exit 0')
        await child.status
        return child[name]
      })
    }
    for (const signal of [undefined, 'SIGKILL', 'SIGINT']) {
      await told('kill', async () => {
        const child = start('exec sleep 60')
        child.kill(signal)
        return await status(child)
      })
    }
    await told('kill by no signal', async () => {
      const child = start('exit 0')
      await child.status
      child.kill('SIGNOPE')
    })
    await told('kill late', async () => {
      const child = start('exit 0')
      await child.status
      child.kill()
    })
    await told('abort', async () => {
      const controller = new AbortController()
      const child = start('exec sleep 60', { signal: controller.signal })
      controller.abort()
      return await status(child)
    })
    await told('dispose', async () => {
      const child = start('exec sleep 60')
      await child[Symbol.asyncDispose]()
      return await status(child)
    })
    await told('class', async () => {
      const child = start('exit 0')
      await child.status
      return [typeof child.pid, child instanceof Deno.ChildProcess, child.constructor.name, Deno.Command.name]
    })
    await failed('none', () => new Deno.Command('no-such-program').spawn())
    await failed('no cwd', () => start('exit 0', { cwd: '/none' }))
    await failed('no cwd here', () => start('exit 0', { cwd: 'none' }))
    await told('closed input', async () => {
      const child = start('exec 0<&-; exec sleep 60', { stdin: 'piped' })
      const writer = child.stdin.getWriter()
      try {
        for (;;) await writer.write(new Uint8Array(1_000_000))
      } finally {
        child.kill()
        await child.status
      }
    })
    await told('input of the ended', async () => {
      const child = start('exit 0', { stdin: 'piped' })
      await child.status
      await child.stdin.getWriter().write(new Uint8Array(1_000_000))
    })
    await told('input that is text', async () => {
      const child = start('exec cat', { stdin: 'piped' })
      try {
        await child.stdin.getWriter().write('text')
      } finally {
        child.kill()
        await child.status
      }
    })`,

  'Deno.exit() ends with its code': `console.log('before'); Deno.exit(3); console.log('after')`,
  'Deno.exit() ends with Deno.exitCode': `Deno.exitCode = 4; console.log(Deno.exitCode); Deno.exit()`,
  'Deno.exitCode is the code at the end': `
    Deno.exitCode = 5
    console.log(Deno.exitCode)`,
}

for (const [title, script] of Object.entries(SAME)) {
  global(`provideDeno() gives a global by which ${title}`, () => {
    const deno = commandOf('deno')
    if (!deno) return notRun('the comparison needs deno')
    if (process.platform === 'win32') return notRun('the comparison needs a system of the Unix kind')
    const expected = runScript(deno, script)
    const found = runScript(COMMAND, script, { provided: true })
    assert.is(found.stdout, expected.stdout)
    assert.is(found.stderr, expected.stderr)
    assert.is(found.status, expected.status)
    assert.ok(expected.stdout.length > 0)
  })
}

global('provideDeno() keeps the secrets from Deno.env and from what Deno.Command starts', () => {
  const script = `
    const given = new Deno.Command(${process.platform === 'win32' ? "'cmd', { args: ['/c', 'set'] }" : "'env'"}).outputSync().stdout
    console.log(Deno.env.has('WFG_CLIENT_SECRET'), JSON.stringify(Deno.env.toObject()), new TextDecoder().decode(given))`
  const env = { WFG_CLIENT_SECRET: 'hush-hush' }
  const { stdout, stderr } = runScript(COMMAND, script, { provided: true, env })
  assert.match(stdout, /^false /, stderr)
  assert.match(stdout, 'A_B')
  assert.not.match(stdout, 'hush-hush')
})

global('provideDeno() follows the arguments that the host sets later', () => {
  const { stdout } = runScript(COMMAND, `console.log(Deno.args.join())`, { provided: true, args: ['x', '--y'] })
  assert.is(stdout, 'x,--y\n')
})

global('provideDeno() removes the global by what it returns', async () => {
  const defined: string[] = []
  const host = fakeHost({
    runtime: 'node',
    env: {},
    commandLine: [],
    defineGlobal(name) {
      defined.push(name)
      return () => {
        defined.pop()
      }
    },
  })
  const undo = await provideDeno('Deno.exit()', host)
  assert.equal(defined, ['Deno'])
  undo()
  assert.equal(defined, [])
})

global('a command of Deno.Command ends with a run that is ended at once, unless it is detached', async () => {
  const { env, kill } = systemHost()
  let provided: unknown
  const defineGlobal = (_name: string, value: unknown) => {
    provided = value
    return () => {}
  }
  const force = new AbortController()
  const host = fakeHost({ runtime: 'node', env, commandLine: [], kill, defineGlobal })
  await provideDeno('new Deno.Command()', host, force.signal)
  const { Command } = provided as { Command: new (program: string, options: object) => { spawn(): Child } }
  const start = (detached: boolean) =>
    new Command(process.execPath, { args: ['-e', 'setTimeout(() => {}, 30_000)'], detached }).spawn()
  const [own, detached] = [start(false), start(true)]
  force.abort()
  assert.is((await own.status).success, false)
  assert.is(await Promise.race([detached.status, undefined]), undefined)
  detached.kill('SIGKILL')
  await detached.status
})

global('provideDeno() says what is there on Deno only', () => {
  const script = `
    await told('connect', () => Deno.connect({ port: 1 }))
    await told('listen', () => Deno.listen({ port: 0 }))
    await told('serve', () => Deno.serve(() => new Response('')))`
  const { status, stdout, stderr } = runScript(COMMAND, script, { provided: true })
  assert.is(status, 0, stderr)
  for (const [name, instead] of [
    ['connect', 'node:net'],
    ['listen', 'node:net'],
    ['serve', 'node:http'],
  ]) {
    const told = `${name} NotSupported NotSupported Deno.${name}() exists on Deno only; ${instead} works on every runtime.`
    assert.ok(stdout.includes(told), stdout)
  }
})

global('provideDeno() does nothing for a script that does not name Deno, and nothing on Deno', async () => {
  // Neither host has `defineGlobal`, so that calling it would throw.
  const ofNode = await provideDeno('// Deno.exit()\nconsole.log("Deno.args")', fakeHost({ runtime: 'node' }))
  const ofDeno = await provideDeno('Deno.exit()', fakeHost({ runtime: 'deno' }))
  ofNode()
  ofDeno()
})

global('provideDeno() loads the shim only for a script that names Deno', () => {
  const program = `
    import { createRequire } from 'node:module'
    const told = []
    for (const source of ['console.log(1)', 'Deno.args']) {
      await provideDeno(source, { ...host, defineGlobal: () => { told.push('defined'); return () => {} } })
      told.push('Deno' in globalThis)
    }
    console.log(told.join())`
  const { stdout, stderr } = runProgram(COMMAND, program)
  assert.is(stdout, 'false,defined,false\n', stderr)
})

// --- helpers ---

/** Of a runtime that needs the global. */
const OTHER = RUNTIME === 'deno' ? 'node' : RUNTIME
/** Its programs are JavaScript on Node. */
const COMMAND = OTHER === 'node' ? [pathOf('node')!] : commandOf(OTHER)!

const PRELUDE = `
  const shown = (value) => (value instanceof Uint8Array ? ['bytes', ...value] : value)
  async function told(name, work) {
    try {
      console.log(name, JSON.stringify(shown(await work())))
    } catch (error) {
      const known = Object.keys(Deno.errors).filter((each) => error instanceof Deno.errors[each])
      console.log(name, error.constructor.name, error.name, error.message, error.code, known.join())
    }
  }
  /** The class of the error, whose message may differ. */
  async function failed(name, work) {
    try {
      await work()
      console.log(name, 'done')
    } catch (error) {
      console.log(name, error.name, Object.keys(Deno.errors).filter((each) => error instanceof Deno.errors[each]).join())
    }
  }
  async function both(method, path, ...args) {
    const shown = [method, path, JSON.stringify(args)].join(' ')
    await told(shown, () => Deno[method](path, ...args))
    if (method === 'mkdir' && path === 'a/b/c' && !args.length) await Deno.mkdir('a/b', { recursive: true })
    await told(shown + ' sync', () => Deno[method + 'Sync'](path, ...args))
  }
`

const PROVIDED = `
  import { readFileSync } from 'node:fs'
  import { pathToFileURL } from 'node:url'
  import { systemHost } from 'HOST'
  import { provideDeno } from 'GLOBAL'
  const host = systemHost()
`

interface RunOptions {
  /** Runs it by way of `provideDeno`. */
  provided?: boolean
  args?: readonly string[]
  env?: Record<string, string>
}

/** Runs a script in a new folder of its own. */
function runScript(command: readonly string[], script: string, options: RunOptions = {}) {
  const { provided = false, args = ['a', '--b'], env = {} } = options
  const provide = `
    const [path, ...rest] = process.argv.slice(2)
    await provideDeno(readFileSync(path, 'utf8'), host)
    host.setArgv(rest)
    await import(pathToFileURL(path))`
  return inFolder((dir) => {
    const path = join(dir, 'script.mjs')
    writeFileSync(path, `${PRELUDE}\n${script}\n`)
    return start([...command, ...(provided ? [programOf(provide)] : []), path, ...args], dir, env)
  })
}

/** Runs a program that has `provideDeno` and a host. */
function runProgram(command: readonly string[], body: string) {
  return inFolder((dir) => {
    return start([...command, programOf(body)], dir, {})
  })
}

/** Path of each program by its body. They are in a folder that has the packages. */
const programs = new Map<string, string>()
let programFolder: string | undefined
global.after(() => {
  if (programFolder !== undefined) removeFolder(programFolder)
})

function programOf(body: string): string {
  programFolder ??= folderWithPackages()
  const program =
    programs.get(body) ?? join(programFolder, `program${programs.size}.${OTHER === 'node' ? 'mjs' : 'mts'}`)
  if (!programs.has(body)) writeFileSync(program, textOf(body))
  programs.set(body, program)
  return program
}

function textOf(body: string): string {
  const from = (path: string) => {
    const file = join(REPOSITORY, 'runtime', path)
    return JSON.stringify(OTHER === 'node' ? file : pathToFileURL(file).href)
  }
  const text = `${PROVIDED.replace("'HOST'", from('host/host.ts')).replace("'GLOBAL'", from('script/deno/global.ts'))}${body}\n`
  return OTHER === 'node' ? compiledText(text, REPOSITORY) : text
}

function inFolder<Result>(work: (dir: string) => Result): Result {
  const dir = temporaryFolder()
  try {
    return work(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function start([command, ...args]: string[], dir: string, given: Record<string, string>) {
  const { PATH, HOME, DENO_DIR } = process.env
  const env = { PATH, HOME, A_B: 'given', ...(DENO_DIR ? { DENO_DIR } : {}), ...given }
  const result = spawnSync(command!, args, { cwd: dir, env, encoding: 'utf8', timeout: 30_000 })
  const plain = (text: string) => text.replaceAll(dir, 'DIR')
  return { status: result.status, stdout: plain(result.stdout), stderr: plain(result.stderr) }
}

global.run()
