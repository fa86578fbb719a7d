import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../runtime/host/host.ts'
import { rejects } from '../_assert.ts'
import { type CliOptions, type CliResult, type Project, project, REPOSITORY } from '../_cli.ts'
import { compiledText } from '../_compiled.ts'
import { LINKS, NO_LINKS } from '../_links.ts'
import { notRun } from '../_not_run.ts'
import { RUNTIME, runtimeArgs, STRIPS_TYPES } from '../_runtime.ts'

const host = suite('host')
const onDeno = process.versions['deno'] !== undefined

let common: Project | undefined
host.after(() => common?.cleanup())

/** Runs `source` as a program of its own, with the host module's names and `process` imported. */
function run(source: string, { args = [], ...options }: CliOptions & { args?: string[] } = {}): Promise<CliResult> {
  common ??= project({})
  const entry = write(common, source, options.entry)
  return common.run(args, { ...options, entry, command: [process.execPath, ...runtimeArgs(entry)] })
}

/** Makes `source` a file, and gives its name. */
function write({ dir }: Project, source: string, name = RUNTIME === 'node' ? 'program.mjs' : 'program.ts'): string {
  const text = `
      import process from 'node:process'
      import { isProgram, systemHost, takeSecrets } from './runtime/host/host.ts'
      ${source}`
  // Where no links can be made, a project has no runtime of its own.
  const own = LINKS.folder ? text : text.replaceAll("'./runtime/", `'${pathToFileURL(REPOSITORY)}/runtime/`)
  writeFileSync(join(dir, name), name.endsWith('.mjs') ? compiledText(text, REPOSITORY) : own)
  return name
}

host('kill() refuses numbers that mean several processes or none', () => {
  for (const pid of [0, -0, -1, 1, Number.NaN, 2.5]) assert.is(systemHost().kill(pid, 0), false, String(pid))
  assert.is(systemHost().kill(process.pid, 0), true)
})

host('takeSecrets() takes the secrets out of the process environment, also later ones', async () => {
  const { stdout, stderr } = await run(
    `
      console.log(JSON.stringify([takeSecrets(), process.env['WFG_CLIENT_SECRET'] ?? null, process.env['WFG_CLIENT_ID']]))
      process.env['WFG_CLIENT_SECRET'] = 'later-secret'
      console.log(JSON.stringify([takeSecrets(), 'WFG_CLIENT_SECRET' in process.env]))`,
    { env: { WFG_CLIENT_SECRET: 'first-secret', WFG_CLIENT_ID: 'c1' } },
  )
  assert.is(stderr, '')
  assert.equal(stdout.trim().split('\n').map(parse), [
    [{ WFG_CLIENT_SECRET: 'first-secret' }, null, 'c1'],
    [{ WFG_CLIENT_SECRET: 'later-secret' }, false],
  ])
})

host('systemHost() has the secrets, an environment without them, and a redactor that knows them', async () => {
  const { stdout } = await run(
    `
      const host = systemHost()
      console.log(JSON.stringify([host.secrets, host.env['WFG_CLIENT_SECRET'] ?? null, host.redactor.text('is first-secret')]))
      console.log(systemHost() === host)`,
    { env: { WFG_CLIENT_SECRET: 'first-secret' } },
  )
  const [first = '', second] = stdout.trim().split('\n')
  assert.equal(parse(first), [{ WFG_CLIENT_SECRET: 'first-secret' }, null, 'is [redacted]'])
  assert.is(second, 'true')
})

host('systemHost() does not hand secrets to child processes', async () => {
  const { stdout } = await run(
    `
      import { execFileSync } from 'node:child_process'
      systemHost()
      console.log(execFileSync(process.execPath, ['--version'], { encoding: 'utf8' }) !== '', 'WFG_CLIENT_SECRET' in process.env)
      console.log(execFileSync(${process.platform === 'win32' ? "'cmd', ['/c', 'set']" : "'env', []"}, { encoding: 'utf8' }).includes('first-secret'))`,
    { env: { WFG_CLIENT_SECRET: 'first-secret' } },
  )
  assert.is(stdout, 'true false\nfalse\n')
})

host('systemHost() takes the URL of the database as a secret, and its password', async () => {
  const { stdout } = await run(
    `
      const host = systemHost()
      console.log(host.secrets['WFG_DATABASE_URL'], 'WFG_DATABASE_URL' in process.env, host.redactor.text('is s3cret/word'))`,
    { env: { WFG_DATABASE_URL: 'postgres://wfg:s3cret%2Fword@db.example.com/wfg' } },
  )
  assert.is(stdout, 'postgres://wfg:s3cret%2Fword@db.example.com/wfg false is [redacted]\n')
})

host('restartCommand() starts a process like this one', async () => {
  const { stdout, stderr } = await run(
    `
      import { execFileSync } from 'node:child_process'
      const host = systemHost()
      console.log(host.runtime, host.commandLine.join(' '))
      if (host.commandLine[0] !== 'again') {
        const [program, ...args] = host.restartCommand()
        console.log(execFileSync(program, [...args, 'again', 'x'], { encoding: 'utf8' }))
      }`,
    { args: ['first'], entry: 'program.ts' },
  )
  assert.equal([stdout, stderr], [`${RUNTIME} first\n${RUNTIME} again x\n\n`, ''])
})

host('restartCommand() is undefined if Deno would refuse it', async () => {
  if (!onDeno) return notRun('only Deno asks for permissions')
  const { stdout } = await run(`
      import { execFileSync } from 'node:child_process'
      import { writeFileSync } from 'node:fs'
      writeFileSync('inner.ts', "import { systemHost } from './runtime/host/host.ts'\\nconsole.log(JSON.stringify(systemHost().restartCommand() ?? null))")
      const flags = ['--no-prompt', '--allow-read', '--allow-env']
      console.log(execFileSync(process.execPath, ['run', ...flags, 'inner.ts'], { encoding: 'utf8' }))
      console.log(execFileSync(process.execPath, ['run', ...flags, '--allow-run', 'inner.ts'], { encoding: 'utf8' }))`)
  const [without, given] = stdout.trim().split('\n\n').map(parse)
  assert.is(without, null)
  assert.equal((given as string[]).slice(1, -1), ['run', '--no-prompt', '--allow-read', '--allow-env', '--allow-run'])
})

/** Prints each message of its parent, and when the parent is gone. */
const CHILD = `
  const host = systemHost()
  host.writeAtOnce()
  host.onParentMessage((message) => console.log('got', JSON.stringify(message)), () => { console.log('end'); host.exit(9) })
  if (host.commandLine[0] === 'stays') setTimeout(() => console.log('too late'), 20_000)
  host.onIdle(() => console.log('idle'))`

host('onParentMessage() gives the messages, and does not keep the process alive', async () => {
  const folder = project({})
  const file = write(folder, CHILD)
  const child = spawn(process.execPath, [...runtimeArgs(file), join(folder.dir, file)], {
    cwd: folder.dir,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  let shown = ''
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    shown += text
  })
  // The channel stays open.
  child.send({ a: 1 })
  await once(child, 'close')
  assert.is(shown, 'got {"a":1}\nidle\n')
  folder.cleanup()
})

host('onParentMessage() tells when the parent is gone, however it ended', async () => {
  if (process.platform === 'win32') return notRun('Windows ends with a process what Node started in it')
  const folder = project({
    'parent.mjs': `import { spawn } from 'node:child_process'
import process from 'node:process'
const child = spawn(process.execPath, [...process.argv.slice(2), 'stays'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
child.send('x')
setTimeout(() => {}, 60_000)`,
  })
  const file = write(folder, CHILD)
  const command = [...runtimeArgs('parent.mjs'), 'parent.mjs', ...runtimeArgs(file), file]
  const parent = spawn(process.execPath, command, { cwd: folder.dir })
  let shown = ''
  parent.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text
    if (shown === 'got "x"\n') process.kill(parent.pid!, 'SIGKILL')
  })
  // When the grandchild has ended as well.
  await once(parent, 'close')
  assert.is(shown, 'got "x"\nend\n')
  folder.cleanup()
})

/** A program that imports another file, both with this extension. */
function program(extension: string, library = './runtime/host/host.ts') {
  return {
    [`main${extension}`]: `
    import { isProgram, systemHost } from '${library}'
    import './other${extension}'
    console.log('main', isProgram(import.meta), systemHost().program?.endsWith('main${extension}'))`,
    [`other${extension}`]: `
    import { isProgram } from '${library}'
    console.log('other', isProgram(import.meta))`,
  }
}

/** The same with the host module compiled, where that spares a loader. */
function quickProgram(): readonly [folder: Project, extension: string] {
  if (RUNTIME !== 'node') return [project(program('.ts')), '.ts']
  const library = compiledText("export * from './runtime/host/host.ts'", REPOSITORY)
  return [project({ ...program('.mjs', './host.mjs'), 'host.mjs': library }), '.mjs']
}

host('isProgram() is true for the file that was started, and for no other', async () => {
  const [folder, extension] = quickProgram()
  const { stdout, stderr } = await folder.run([], { entry: `main${extension}` })
  folder.cleanup()
  assert.equal([stdout, stderr], ['other false\nmain true true\n', ''])
})

host('isProgram() is true when the file was started by a link', async () => {
  if (!LINKS.file) return notRun(NO_LINKS)
  const [folder, extension] = quickProgram()
  symlinkSync(join(folder.dir, `main${extension}`), join(folder.dir, `link${extension}`))
  const { stdout, stderr } = await folder.run([], { entry: `link${extension}` })
  folder.cleanup()
  // Deno imports it by the name of the link.
  assert.equal([stdout, stderr], [`other false\nmain true ${!onDeno}\n`, ''])
})

host('isProgram() is true when the file was started without its extension', async () => {
  if (onDeno || STRIPS_TYPES) return notRun(`${RUNTIME} starts no file without its extension`)
  const folder = project(program('.ts'))
  const { stdout, stderr } = await folder.run([], { entry: 'main' })
  folder.cleanup()
  assert.equal([stdout, stderr], ['other false\nmain true true\n', ''])
})

host('isProgram() follows import.meta.main if the runtime has it', async () => {
  const { stdout } = await run(`console.log(isProgram({ url: 'file:///elsewhere/x.ts', main: true }))`)
  assert.is(stdout, 'true\n')
})

host('sleep() resolves after its time', async () => {
  const { monotonicMs, sleep } = systemHost()
  const startMs = monotonicMs()
  await sleep(20)
  assert.ok(monotonicMs() - startMs >= 19)
})

host('sleep() rejects with the reason of its signal, before and meanwhile', async () => {
  const ending = new AbortController()
  const sleep = systemHost().sleep(60_000, ending.signal)
  ending.abort(new Error('enough'))
  await rejects(sleep, { message: 'enough' })
  await rejects(systemHost().sleep(60_000, ending.signal), { message: 'enough' })
})

host('sleep() leaves no listener on its signal', async () => {
  const { signal } = new AbortController()
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--
    remove(...args)
  }
  await systemHost().sleep(1, signal)
  assert.is(listeners, 0)
})

host('after() calls once, unless it was cancelled', async () => {
  const { after, sleep } = systemHost()
  let calls = 0
  after(1, () => calls++)
  after(1, () => calls++)()
  await sleep(20)
  assert.is(calls, 1)
})

host('after() does not keep the process alive if `holds` is false', async () => {
  const { status, stdout } = await run(`
    systemHost().after(60_000, () => console.log('late'), { holds: false })
    console.log('done')`)
  assert.equal([status, stdout], [0, 'done\n'])
})

host('stdout.write() does not fail when the reader has gone', async () => {
  const { status, stderr } = await run(
    `
      const { stdout, stderr } = systemHost()
      for (let line = 0; line < 2000 && !stdout.closed; line++) await stdout.write('x'.repeat(1000) + '\\n')
      await stdout.write('nobody reads this')
      await stderr.write(String(stdout.closed))`,
    { closeStdout: true },
  )
  assert.equal([status, stderr], [0, 'true'])
})

host('stdout and stderr are no terminals in a pipe', async () => {
  const { stderr } = await run(`
    const { stdout, stderr, stdin } = systemHost()
    await stderr.write(JSON.stringify([stdout.isTTY, stdout.columns ?? null, stderr.isTTY, stdin.isTTY]))`)
  assert.is(stderr, '[false,null,false,false]')
})

host('stdin.readLine() gives line by line, then undefined', async () => {
  const { stdout } = await run(
    `
      const { stdin } = systemHost()
      console.log(JSON.stringify([await stdin.readLine(), await stdin.readLine(), (await stdin.readLine()) ?? null]))`,
    { stdin: 'one\ntwo' },
  )
  assert.is(stdout, '["one","two",null]\n')
})

host('stdin.readAll() gives the whole input', async () => {
  const { stdout } = await run(`console.log(JSON.stringify(await systemHost().stdin.readAll()))`, { stdin: 'é\nb\n' })
  assert.is(stdout, '"é\\nb\\n"\n')
})

host('redirectConsole() sends console output to standard error until it is undone', async () => {
  const { stdout, stderr } = await run(`
    const undo = systemHost().redirectConsole()
    console.log('a', { b: 1 })
    console.info('c')
    console.table([{ d: 1 }])
    undo()
    console.log('e')`)
  assert.is(stdout, 'e\n')
  assert.match(stderr, /^a \{ b: 1 \}\nc\n/)
  assert.match(stderr, /│ 1 /)
})

host('setArgv() changes what scripts see as their arguments, and not the command line', async () => {
  const { stdout } = await run(
    `
      const host = systemHost()
      host.setArgv(['x', '--y'])
      console.log(JSON.stringify([host.commandLine, process.argv.slice(2), globalThis.Deno?.args ?? ['x', '--y']]))
      host.setArgv([])
      console.log(JSON.stringify([host.commandLine, process.argv.slice(2), globalThis.Deno?.args ?? []]))`,
    { args: ['a', '--b'] },
  )
  assert.equal(stdout.trim().split('\n').map(parse), [
    [
      ['a', '--b'],
      ['x', '--y'],
      ['x', '--y'],
    ],
    [['a', '--b'], [], []],
  ])
})

host('setExitCode() sets what the process ends with, and exitCode() reads it', async () => {
  const { status, stdout } = await run(`
    const host = systemHost()
    console.log(host.exitCode())
    host.setExitCode(5)
    console.log(host.exitCode())`)
  assert.equal([status, stdout], [5, '0\n5\n'])
})

host('onUncaught() hears errors that nobody caught, and keeps the process', async () => {
  const { status, stdout } = await run(`
    const host = systemHost()
    host.onUncaught((error) => {
      console.log('heard', error.message)
      if (error.message === 'rejected') setTimeout(() => { throw new Error('thrown') })
      else setTimeout(() => console.log('alive'))
    })
    Promise.reject(new Error('rejected'))`)
  assert.equal([status, stdout], [0, 'heard rejected\nheard thrown\nalive\n'])
})

host('onIdle() calls when nothing is left to wait for', async () => {
  const { stdout } = await run(`
    const host = systemHost()
    const off = host.onIdle(() => { off(); console.log('idle') })
    setTimeout(() => console.log('timer'), 10)`)
  assert.is(stdout, 'timer\nidle\n')
})

host('onSignal() hears a signal until its handler is removed', async () => {
  if (process.platform === 'win32') return notRun('Windows has no signals to send')
  const { signal, stdout } = await run(`
    const host = systemHost()
    const off = host.onSignal('SIGTERM', () => {
      console.log('heard')
      off()
      process.kill(process.pid, 'SIGTERM')
    })
    setTimeout(() => {}, 10_000)
    process.kill(process.pid, 'SIGTERM')`)
  assert.equal([signal, stdout], ['SIGTERM', 'heard\n'])
})

host('networkHost() masks the password of a proxy, and one that is set later from the next request on', async () => {
  const { stdout } = await run(
    `
      const { networkHost } = await import('./runtime/transport/open_transport.ts')
      const { transport, redactor } = networkHost()
      for (const text of ['p@ssword-1', 'p%40ssword-1', 'user:p%40ssword-1@proxy.test', btoa('user:p@ssword-1'), 'pass word-2:x']) {
        console.log(redactor.text(text))
      }
      process.env.ALL_PROXY = 'http://user:password-3@proxy.test:3128'
      const request = { url: new URL('http://127.0.0.1:9'), method: 'GET', headers: {}, once: true, maxBytes: 1 }
      await transport.send({ ...request, signal: AbortSignal.abort() }).catch(() => {})
      console.log(redactor.text('password-3'))`,
    { env: { HTTPS_PROXY: 'http://user:p%40ssword-1@proxy.test:3128', all_proxy: 'me:pass word-2:x@nonsense :' } },
  )
  assert.equal(stdout.split('\n'), [
    '[redacted]',
    '[redacted]',
    '[redacted]@proxy.test',
    '[redacted]',
    '[redacted]',
    '[redacted]',
    '',
  ])
})

host('networkHost() of a process that sends nothing reads no variable but the secrets on Deno', async () => {
  if (!onDeno) return notRun('only Deno asks for permissions')
  const { stdout, stderr } = await run(`
      import { execFileSync } from 'node:child_process'
      import { writeFileSync } from 'node:fs'
      writeFileSync('inner.ts', "import { networkHost } from './runtime/transport/open_transport.ts'\\nnetworkHost().transport.close()\\nconsole.log('closed')")
      const flags = ['--no-prompt', '--allow-read', '--allow-env=WFG_CLIENT_SECRET,WFG_DATABASE_URL', '--allow-run=cat']
      console.log(execFileSync(process.execPath, ['run', ...flags, 'inner.ts'], { encoding: 'utf8' }))`)
  assert.equal([stdout, stderr], ['closed\n\n', ''])
})

host('isAllowed() is false for what Deno would refuse or ask for, and true on other runtimes', async () => {
  const own = systemHost()
  assert.ok(own.isAllowed('env', 'HOME') && own.isAllowed('read', '/') && own.isAllowed('write', '/'))
  if (process.platform !== 'win32') assert.type(own.userName(), 'string')
  if (!onDeno) return notRun('only Deno asks for permissions')
  const { stdout, stderr } = await run(`
      import { execFileSync } from 'node:child_process'
      import { writeFileSync } from 'node:fs'
      const source = \`import { systemHost } from './runtime/host/host.ts'
      const { isAllowed, userName } = systemHost()
      const asked = [['env', 'WFG_CLIENT_SECRET'], ['env', 'XDG_STATE_HOME'], ['read', '.'], ['write', '.'], ['sys', 'hostname'], ['run', 'sh'], ['run', 'cat']]
      console.log(JSON.stringify([...asked.map(([right, what]) => isAllowed(right, what)), userName() ?? null]))\`
      writeFileSync('inner.ts', source)
      const flags = ['--no-prompt', '--allow-read', '--allow-env=WFG_CLIENT_SECRET,WFG_DATABASE_URL', '--allow-run=cat']
      console.log(execFileSync(process.execPath, ['run', ...flags, 'inner.ts'], { encoding: 'utf8' }))`)
  assert.equal([stdout.trim(), stderr], ['[true,false,true,false,false,false,true,null]', ''])
})

host('systemHost() knows its runtime', () => {
  const { runtime, versions, cwd, random } = systemHost()
  assert.is(runtime, RUNTIME)
  assert.match(versions, /^(node|deno|bun) \d+\.\d+\.\d+\S*, \w+ \w+$/)
  assert.is(cwd(), process.cwd())
  const value = random()
  assert.ok(value >= 0 && value < 1)
})

function parse(line: string): unknown {
  return JSON.parse(line)
}

host.run()
