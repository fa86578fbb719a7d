import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createShell, type ShellHost } from '../../runtime/script/shell.ts'
import { rejects } from '../_assert.ts'
import { folderWithPackages, REPOSITORY, removeFolder, temporaryFolder } from '../_cli.ts'
import { compiledText } from '../_compiled.ts'
import { fakeHost } from '../_host.ts'
import { needs, notRun } from '../_not_run.ts'
import { hasBash } from '../_programs.ts'
import { programOf, RUNTIME, runtimeArgs } from '../_runtime.ts'

const shell = suite('shell')
const inBash = needs(hasBash(), 'commands of bash need bash', shell)

inBash('createShell() gives a $ that collects the output and shows nothing of it', async () => {
  const { stdout, stderr, status } = runProgram(`
    const $ = createShell(host, { signal: new AbortController().signal })
    const { stdout, stderr, exitCode } = await $\`echo out; echo err >&2\`
    console.log(JSON.stringify({ stdout, stderr, exitCode }))`)
  assert.is(stderr, '')
  assert.equal(JSON.parse(stdout), { stdout: 'out\n', stderr: 'err\n', exitCode: 0 })
  assert.is(status, 0)
})

shell('createShell() loads zx when it is called, and not before', () => {
  const { stdout, stderr } = runProgram(`
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => /[\\\\/]zx[\\\\/]/.test(path))
    const before = loaded()
    createShell(host, { signal: new AbortController().signal })
    console.log(before, loaded())`)
  assert.is(stderr, '')
  assert.is(stdout.trim(), 'false true')
})

inBash('createShell() starts from fresh settings, whatever an earlier script assigned', async () => {
  const first = createShell(testHost(), quiet())
  first.nothrow = true
  first.cwd = '/'
  first.sync = true as never
  const $ = createShell(testHost(), quiet())
  assert.is((await $`pwd`).stdout, `${process.cwd()}\n`)
  await rejects($`exit 3`)
})

inBash('$ runs many commands at once, and long pipes, without a warning of the runtime', () => {
  const { stdout, stderr } = runProgram(`
    const $ = createShell(host, { signal: new AbortController().signal })
    const many = Array.from({ length: 12 }, () => $\`echo a\`)
    const pipe = $\`echo b\`.pipe\`cat\`.pipe\`cat\`.pipe\`cat\`.pipe\`cat\`
    console.log((await Promise.all([...many, pipe])).join(''))`)
  assert.is(stderr, '')
  assert.is(stdout.replaceAll('\n', ''), 'aaaaaaaaaaaab')
})

inBash('$ gives a command the environment without the secrets', () => {
  const program = `
    const $ = createShell(systemHost(), { signal: new AbortController().signal })
    console.log((await $\`env\`).stdout)`
  const { stdout } = runProgram(program, { env: { ...process.env, WFG_CLIENT_SECRET: 'hush-hush', A_B: 'c' } })
  assert.match(stdout, 'A_B=c')
  assert.not.match(stdout, 'hush-hush')
})

inBash('$ gives a command a change of the environment that came after it was made', async () => {
  const env: Record<string, string | undefined> = { ...process.env }
  const $ = createShell(testHost({ env }), quiet())
  env['A_B'] = 'late'
  assert.is((await $`echo $A_B`).stdout, 'late\n')
})

inBash('$ keeps bash from reading a start-up file, whatever environment a script gives', async () => {
  const home = temporaryFolder()
  try {
    writeFileSync(join(home, '.bashrc'), 'echo from the start-up file\n')
    const { PATH } = process.env
    const $ = createShell(testHost({ env: { PATH, HOME: home } }), quiet())
    assert.is((await $`echo $SHLVL`).stdout, '2\n')
    assert.is((await $({ env: { PATH, HOME: home, SHLVL: '0' } })`echo ok`).stdout, 'ok\n')
    assert.is((await $`true`.pipe`echo ok`).stdout, 'ok\n')
    assert.is($.sync`echo ok`.stdout, 'ok\n')
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})

inBash('$ quotes what is interpolated', async () => {
  const $ = createShell(testHost(), quiet())
  const value = `it's "$HOME"; rm -rf *`
  assert.is((await $`printf %s ${value}`).stdout, value)
  assert.is((await $`printf '%s,' ${['a b', 'c']}`).stdout, 'a b,c,')
})

inBash('$({ … }) adds options for what is called through it alone', async () => {
  const $ = createShell(testHost(), quiet())
  const careless = $({ nothrow: true })({ cwd: '/' })
  const output = await careless`pwd; exit 3`
  assert.is(output.stdout, '/\n')
  assert.is(output.exitCode, 3)
  const error = await rejects($`exit 3`)
  assert.is((error as unknown as { exitCode: number }).exitCode, 3)
})

inBash('$ runs a command where the process is now', async () => {
  let cwd = '/'
  const $ = createShell(testHost({ cwd: () => cwd }), quiet())
  assert.is((await $`pwd`).stdout, '/\n')
  cwd = '/usr'
  assert.is((await $`pwd`).stdout, '/usr\n')
})

inBash('$ rejects with the place in the script, when a command fails', async () => {
  const $ = createShell(testHost(), quiet())
  // Not as the last call of a function, which leaves no trace of that function on Bun.
  const error = await rejects(async () => {
    await $`echo why >&2; exit 3`
  })
  assert.is(error.constructor.name.replace('_', ''), 'ProcessOutput')
  assert.match(error.message, /^why\n\n {4}at .*shell\.test\.ts:\d+:\d+\)?\n {4}exit code: 3$/)
  const thrown = await rejects(() => void $.sync`exit 3`)
  assert.match(thrown.message, /^\n {4}at .*shell\.test\.ts:\d+:\d+\)?\n {4}exit code: 3$/)
})

inBash('$ pipes into a command that is as quiet', async () => {
  const { stdout, stderr } = runProgram(`
    const $ = createShell(host, { signal: new AbortController().signal })
    const { stdout, stderr } = await $\`echo a\`.pipe\`cat; echo err >&2\`.pipe\`tr a b; echo err >&2\`
    console.log(JSON.stringify({ stdout, stderr }))`)
  assert.is(stderr, '')
  assert.equal(JSON.parse(stdout), { stdout: 'b\n', stderr: 'err\n' })
})

inBash('$ ends a command and all that it started, when the signal aborts', async () => {
  const controller = new AbortController()
  const $ = createShell(testHost(), { signal: controller.signal })
  const commands = [$`sleep 60 & echo $!; wait`, $`true`.pipe`sleep 60 & echo $!; wait`]
  const pids = await Promise.all(commands.map(({ stdout }) => firstNumber(stdout)))
  controller.abort()
  const errors = await Promise.all(commands.map((command) => rejects(command)))
  assert.equal(
    errors.map(({ cause }) => (cause as Error).name),
    ['AbortError', 'AbortError'],
  )
  for (const pid of pids) await gone(pid)
})

inBash('$.sync throws once, when a command fails, and not when it may', () => {
  const { stdout, stderr, status } = runProgram(`
    const $ = createShell(host, { signal: new AbortController().signal })
    try { $.sync\`exit 3\` } catch (error) { console.log('caught', error.exitCode) }
    console.log($.sync({ nothrow: true })\`exit 4\`.exitCode)
    await new Promise((resolve) => setImmediate(resolve))`)
  assert.is(stderr, '')
  assert.is(stdout, 'caught 3\n4\n')
  assert.is(status, 0)
})

inBash('$ starts nothing once the signal has aborted', async () => {
  const dir = temporaryFolder()
  try {
    const $ = createShell(testHost(), { signal: AbortSignal.abort(new Error('the time is over')) })
    const error = await rejects(() => $`touch ${join(dir, 'x')}`)
    assert.match(error.message, 'the time is over')
    assert.not.ok(existsSync(join(dir, 'x')))
    await $({ signal: new AbortController().signal })`touch ${join(dir, 'x')}`
    assert.ok(existsSync(join(dir, 'x')))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

inBash('$ kills five seconds after the abort what does not end by itself', async () => {
  const controller = new AbortController()
  const host = testHost()
  const $ = createShell(host, { signal: controller.signal })
  const command = $`trap '' TERM; (trap '' TERM; echo $BASHPID; while :; do sleep 1; done)`
  const pid = await firstNumber(command.stdout)
  // Bun may tell of the abort before the command has ended.
  const rejected = rejects(command)
  controller.abort()
  await host.clock.advance(4999)
  assert.ok(isAlive(pid))
  await host.clock.advance(1)
  await rejected
  await gone(pid)
})

inBash('$ ends a command and all that it started, when the script kills it or its time is over', async () => {
  const $ = createShell(testHost(), quiet())
  const killed = $`sleep 60 & echo $!; wait`
  const late = $({ timeout: 1 })`sleep 60 & echo $! >&2; wait`
  const pid = await firstNumber(killed.stdout)
  await killed.kill('SIGKILL')
  const [first, second] = await Promise.all([rejects(killed), rejects(late)])
  assert.equal(
    [first, second].map((error) => (error as unknown as { signal: string }).signal),
    ['SIGKILL', 'SIGTERM'],
  )
  await gone(pid)
  assert.match((await rejects(() => killed.kill())).message, 'Too late to kill the process')
})

inBash('$ kills at once what still runs, when it is forced', async () => {
  const force = new AbortController()
  const $ = createShell(testHost(), { ...quiet(), force: force.signal })
  const command = $`trap '' TERM; sleep 60 & echo $!; wait`
  const pid = await firstNumber(command.stdout)
  force.abort()
  const error = await rejects(command)
  assert.is((error as unknown as { signal: string }).signal, 'SIGKILL')
  await gone(pid)
})

inBash('$ runs commands by sh, when there is no bash', async () => {
  const dir = temporaryFolder()
  try {
    for (const name of ['sh', 'echo', 'cat', 'printf']) symlinkSync(which(name), join(dir, name))
    const { stdout, stderr } = runProgram(
      `
      const $ = createShell(host, { signal: new AbortController().signal })
      const value = "it's \\"$HOME\\""
      const output = await $({ nothrow: true })\`printf '%s\\n' \${value} | cat; false; echo never\`
      console.log(JSON.stringify([output.stdout, output.exitCode, $.shell]))`,
      { env: { ...process.env, PATH: dir } },
    )
    assert.is(stderr, '')
    assert.equal(JSON.parse(stdout), [`it's "$HOME"\n`, 1, join(dir, 'sh')])
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

shell('$ says what to do, when there is no shell at all', () => {
  const dir = temporaryFolder()
  try {
    const { stdout, stderr } = runProgram(
      `
      const $ = createShell(host, { signal: new AbortController().signal })
      try { await $\`echo a\` } catch (error) { console.log(error.message) }`,
      { env: { ...process.env, PATH: dir } },
    )
    assert.is(stderr, '')
    assert.match(stdout, /^Cannot run a command: none of bash, sh, pwsh and powershell is on the PATH\. .* WFG_SHELL/)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

shell('$ refuses in a sentence, when Deno may not start programs', () => {
  const deno = programOf('deno')
  if (!deno) return notRun('permissions need deno')
  const program = `
    const $ = createShell(host, { signal: new AbortController().signal })
    const told = []
    for (const work of [() => $\`echo a\`, () => $.sync\`echo a\`, () => $({ nothrow: true })\`echo a\`]) {
      try { await work() } catch (error) { told.push([error.name, error.code, error.message]) }
    }
    console.log(JSON.stringify(told))`
  const { stdout, stderr } = runProgram(program, {
    command: [deno, 'run', '--no-prompt', '--allow-read', '--allow-env', '--allow-sys'],
  })
  const told = JSON.parse(stdout || '[]') as string[][]
  assert.is(told.length, 3, stderr)
  for (const [name, code, message] of told) {
    assert.is(name, 'RefusedError')
    assert.is(code, 'WFG_REFUSED')
    assert.match(
      message!,
      /^Cannot run a command: this script may not start programs: Deno was started without --allow-run/,
    )
  }
})

shell('createShell() refuses in a sentence, when Deno may not read what zx needs', () => {
  const deno = programOf('deno')
  if (!deno) return notRun('permissions need deno')
  const program = `
    try {
      createShell({ ...host, env: {} }, { signal: new AbortController().signal })
    } catch (error) {
      console.log(error.name, error.message)
    }`
  const { stdout, stderr } = runProgram(program, { command: [deno, 'run', '--no-prompt', '--allow-read'] })
  assert.match(
    stdout,
    /^RefusedError Cannot make \$ ready: this script may not read what zx needs: .*--allow-env/,
    stderr,
  )
})

inBash('$ runs with no more of Deno than it needs', () => {
  const deno = programOf('deno')
  if (!deno) return notRun('permissions need deno')
  const program = `
    const $ = createShell(host, { signal: new AbortController().signal })
    console.log((await $\`echo a\`).stdout)`
  const command = [deno, 'run', '--no-prompt', '--allow-read', '--allow-env', '--allow-run']
  const { stdout, stderr } = runProgram(program, { command })
  assert.is(stdout.trim(), 'a', stderr)
})

// --- helpers ---

interface TestHost extends ShellHost {
  clock: { advance(ms: number): Promise<void> }
}

function testHost(given: Partial<Pick<ShellHost, 'env' | 'cwd'>> = {}): TestHost {
  const host = fakeHost()
  return {
    env: { ...process.env },
    cwd: () => process.cwd(),
    isAllowed: () => true,
    after: host.after,
    kill,
    ...given,
    clock: host,
  }
}

function quiet(): { signal: AbortSignal } {
  return { signal: new AbortController().signal }
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  if (!kill(pid, 0)) return false
  // What nobody has waited for yet is still listed.
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'))
}

async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve))
}

async function firstNumber(stream: AsyncIterable<unknown>): Promise<number> {
  for await (const chunk of stream) return Number(String(chunk).trim())
  throw new Error('the command ended without a word')
}

function which(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name
}

let library: string | undefined

/** Where a program has `createShell` and a host from: on Node compiled once, because tsx takes half a second to start. */
function modulesFor(dir: string, isCompiled: boolean): [shell: string, host: string] {
  if (!isCompiled) return [moduleOf('script', 'shell.ts'), moduleOf('host', 'host.ts')]
  library ??= compiledText(
    "export { createShell } from './runtime/script/shell.ts'\nexport { systemHost } from './runtime/host/host.ts'",
    REPOSITORY,
  )
  writeFileSync(join(dir, 'library.mjs'), library)
  return ['../library.mjs', '../library.mjs']
}

function moduleOf(...path: string[]): string {
  return pathToFileURL(join(REPOSITORY, 'runtime', ...path)).href
}

/** Runs a program that has `createShell` and a host, on the runtime that runs the tests. */
function runProgram(body: string, options: { env?: NodeJS.ProcessEnv; command?: readonly string[] } = {}) {
  const isCompiled = RUNTIME === 'node' && options.command === undefined
  const dir = isCompiled ? folderWithPackages() : temporaryFolder()
  try {
    mkdirSync(join(dir, 'scripts'))
    const path = join(dir, 'scripts', isCompiled ? 'program.mjs' : 'program.ts')
    const [own, host] = modulesFor(dir, isCompiled)
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
    writeFileSync(path, `${PROGRAM.replace('SHELL', own).replace('HOST', host)}${body}\n`)
    const [command, ...args] = options.command ?? [process.execPath, ...runtimeArgs(path)]
    const { env = process.env } = options
    const result = spawnSync(command!, [...args, path], { env, encoding: 'utf8', timeout: 30_000 })
    return { status: result.status, stdout: result.stdout, stderr: result.stderr }
  } finally {
    removeFolder(dir)
  }
}

const PROGRAM = `
  import { createRequire } from 'node:module'
  import process from 'node:process'
  import { systemHost } from 'HOST'
  import { createShell } from 'SHELL'
  const host = {
    env: process.env,
    cwd: () => process.cwd(),
    isAllowed: (...asked) => systemHost().isAllowed(...asked),
    after: () => () => {},
    kill: () => false,
  }
`

shell.run()
