/** The token between processes: real processes on real files, and a real token endpoint that counts. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createTokenFile } from '../../runtime/auth/token_file.ts'
import { tokenSourceOf } from '../../runtime/auth/token_source.ts'
import { instanceOptions } from '../../runtime/compose.ts'
import { quotedPath } from '../../runtime/core/visible.ts'
import { systemHost } from '../../runtime/host/host.ts'
import type { ToolFlags } from '../../runtime/tasks/arguments/tool_flags.ts'
import { createSession, runSettings } from '../../runtime/tasks/run/session.ts'
import { type CliResult, type Project, project, REPOSITORY } from '../_cli.ts'
import { compiledText } from '../_compiled.ts'
import { type FakeReply, fakeHost } from '../_host.ts'
import { notRun } from '../_not_run.ts'
import { HAS_SH } from '../_programs.ts'
import { type ScriptedReply, type ScriptedServer, withServer } from '../_server.ts'
import { withProcess } from '../cli/_here.ts'
import { configOf } from './_config.ts'
import {
  type Ended,
  type Running,
  type Runtime,
  runtimes,
  startOnFullDisk,
  startProcess,
  startSoon,
} from './_processes.ts'
import { processHost, SETTINGS, START_MS, tokenOf } from './_sharing.ts'

const source = suite('auth/token_source')

/** Long, because many processes start at once on whatever computer this is. */
const TIMEOUT_MS = 60_000

const PROGRAM = `
  import { token } from '#wfg'
  console.log(await token.get())
`

const TASKS = `
  import { defineTasks, main } from '#wfg/tasks'
  export const tasks = defineTasks(import.meta.url, {})
  await main(import.meta, tasks)
`

interface Given {
  readonly server: ScriptedServer
  readonly folder: Project
  /** Where the token is; there is a space and an umlaut in its path, and it is not there yet. */
  readonly cache: string
  readonly settings: Readonly<Record<string, string>>
  start(runtime: Runtime, env?: Record<string, string>): Running
  /** Gets the token as PROGRAM does, in this process, with nothing in its memory. */
  get(env?: Record<string, string>, flags?: ToolFlags): Promise<CliResult>
}

function withProcesses(replies: readonly ScriptedReply[], action: (given: Given) => unknown): Promise<void> {
  return withServer(replies, async (server) => {
    const folder = project({ 'tasks.ts': TASKS, 'get token.ts': PROGRAM })
    const cache = join(folder.dir, 'ca che', 'für uns')
    const settings = {
      WFG_GRAPHQL_URL: `${server.url}/graphql`,
      WFG_TOKEN_ENDPOINT: `${server.url}/token`,
      WFG_CLIENT_ID: 'client-1',
      WFG_CLIENT_SECRET: 'hush hush',
      WFG_TIMEOUT_MS: String(TIMEOUT_MS),
      WFG_CACHE_DIR: cache,
    }
    const start: Given['start'] = (runtime, env = {}) =>
      startSoon(runtime, [join(folder.dir, 'get token.ts')], { ...settings, ...env })
    const get: Given['get'] = async (env = {}, flags = {}) => {
      let value = ''
      const result = await withProcess(folder.dir, [], { env: { ...settings, ...env } }, async (host) => {
        const session = createSession(host, { ...instanceOptions, findDirectory: () => folder.dir })
        session.runSettings = runSettings(flags)
        value = await (await session.connect(undefined)).token.get()
      })
      // An output of ours would hide it.
      return { ...result, stdout: `${value}\n` }
    }
    try {
      await action({ server, folder, cache, settings, start, get })
    } finally {
      folder.cleanup()
    }
  })
}

function issued(number: number) {
  return { body: { access_token: tokenOf(number), token_type: 'Bearer', expires_in: 3600 } }
}

function assertGave(ended: Ended, number: number): void {
  assert.is(withoutProfile(ended.stderr), '')
  assert.is(ended.stdout, `${tokenOf(number)}\n`)
  assert.is(ended.status, 0)
}

/** Without what a plain file says before it begins. */
function withoutProfile(stderr: string): string {
  return stderr.replace(/^Profile "default": .*\n/, '')
}

/** Without the history and the compiled code, which are not the token's. */
function filesOf(cache: string): string[] {
  return readdirSync(cache).filter((name) => name !== 'state' && name !== 'compiled')
}

/** Both runtimes by turns. */
function mixed(count: number): Runtime[] {
  const both = runtimes()
  return Array.from({ length: count }, (_, index) => both[index % both.length]!)
}

/** Under Wine a process takes seconds to start. */
const COLD = process.platform === 'win32' ? 6 : 8

source(`tokenSourceOf() makes one request for ${COLD} cold processes at once, and none for the next`, () =>
  withProcesses([{ ...issued(1), delayMs: 1000 }], async ({ server, start, cache }) => {
    const both = runtimes()
    if (both.length < 2) notRun(`processes of Node and Deno mixed: only ${both.join()} is here`)
    const all = await Promise.all(mixed(COLD).map((runtime) => start(runtime).ended))
    for (const ended of all) assertGave(ended, 1)
    assert.is(server.requests.length, 1)
    for (const runtime of both) assertGave(await start(runtime).ended, 1)
    assert.is(server.requests.length, 1)
    assert.equal(
      filesOf(cache)
        .map((name) => name.replace(/^token-\w+/, '').replace(/\d{4}-\d\d/, 'month'))
        .sort(),
      ['.json', '.month.log'],
    )
  }),
)

source(
  'tokenSourceOf() goes on at once when the process that requests for all is killed, and loses nothing',
  async () => {
    let sent: () => void = () => {}
    const isSent = new Promise<void>((resolve) => {
      sent = resolve
    })
    const stalled: ScriptedReply = () => {
      sent()
      return { fault: 'stall' }
    }
    await withProcesses([stalled, issued(2)], async ({ folder, server, start, cache }) => {
      const holder = start(runtimes()[0]!)
      await isSent
      assert.ok(readdirSync(cache).some((name) => name.endsWith('.lock')))
      writeFileSync(join(folder.dir, 'get token.ts'), WAITING_PROGRAM)
      const waiting = mixed(2).map((runtime) => start(runtime))
      await Promise.all(waiting.map(({ child }) => heard(child, 'waiting')))
      holder.child.kill('SIGKILL')
      const killedMs = performance.now()
      for (const { ended } of waiting) {
        const { stdout, status } = await ended
        assert.equal([stdout, status], [`${tokenOf(2)}\n`, 0])
      }
      const tookMs = performance.now() - killedMs
      assert.ok(tookMs < TIMEOUT_MS / 2, `it took ${tookMs} ms, as if they had waited for the deadline`)
      assert.is((await holder.ended).stdout, '')
      assert.is(server.requests.length, 2)
      assert.not.ok(readdirSync(cache).some((name) => name.includes('.lock')))
    })
  },
)

/** Says so on standard error once it has come as far as it can. */
const WAITING_PROGRAM = `
  import { token } from '#wfg'
  const got = token.get()
  setTimeout(() => console.error('waiting'), 200)
  console.log(await got)
`

function heard(child: ChildProcess, words: string): Promise<void> {
  let text = ''
  return new Promise((resolve) => {
    child.stderr!.on('data', (chunk: string) => {
      text += chunk
      if (text.includes(words)) resolve()
    })
  })
}

const READS = `
  import process from 'node:process'
  import { createTokenFile } from './runtime/auth/token_file.ts'
  import { systemHost } from './runtime/host/host.ts'
  const problems = []
  const file = createTokenFile(systemHost(), process.env.TOKEN_FILE, (text) => problems.push(text))
  const values = new Set()
  console.error('reading')
  for (let count = 0; count < 300; count += 1) {
    const found = await Promise.all(Array.from({ length: 10 }, async () => file.read()?.value))
    for (const value of found) values.add(value?.length)
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  console.log(JSON.stringify([[...values].sort(), problems]))
`

source('tokenSourceOf() has several hundred concurrent readers never see half a file', async () => {
  if (process.platform === 'win32') return notRun('Windows does not replace a file that is read all the time')
  const folder = project({ 'read.mjs': compiledText(READS, REPOSITORY) })
  const path = join(folder.dir, 'cache', 'token-x.json')
  const host = systemHost()
  const file = createTokenFile(host, path, (text) => assert.unreachable(text))
  const write = (length: number) =>
    file.write({
      value: 'x'.repeat(length),
      requestedAtMs: host.nowMs(),
      lifetimeSeconds: 60,
      provider: 'oidc',
      quota: {},
    })
  assert.ok(write(10_000))
  let reading = 2
  const begun: Promise<void>[] = []
  const readers = mixed(reading).map(async (runtime) => {
    const { child, ended } = startProcess(runtime, [join(folder.dir, 'read.mjs')], { TOKEN_FILE: path })
    begun.push(heard(child, 'reading'))
    const { stdout } = await ended
    reading -= 1
    return stdout
  })
  await Promise.race(begun)
  let writes = 0
  while (reading > 0) {
    assert.ok(write(writes % 2 === 0 ? 100 : 10_000))
    writes += 1
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const stdout of await Promise.all(readers)) {
    const [lengths, problems] = JSON.parse(stdout)
    assert.equal(problems, [])
    assert.ok(
      lengths.every((length: unknown) => length === 100 || length === 10_000),
      `saw ${lengths}`,
    )
  }
  assert.ok(writes > 100, `wrote only ${writes} times`)
  folder.cleanup()
})

source('tokenSourceOf() works on a full disk, without sharing, and leaves no half files', async () => {
  if (!HAS_SH) return notRun('a full disk is made with a POSIX shell')
  await withProcesses([issued(1)], async ({ folder, cache, settings }) => {
    assertGave(await startOnFullDisk(runtimes()[0]!, [join(folder.dir, 'get token.ts')], settings).ended, 1)
    assert.equal(
      filesOf(cache).filter((name) => !name.endsWith('.log')),
      [],
    )
  })
})

source('tokenSourceOf() works where no folder can be made, without sharing', () =>
  withProcesses([issued(1), issued(2)], async ({ get, cache }) => {
    writeFileSync(join(cache, '..', '..', 'file'), '')
    const env = { WFG_CACHE_DIR: join(cache, '..', '..', 'file', 'x') }
    for (const number of [1, 2]) assertGave(await get(env), number)
  }),
)

source('tokenSourceOf() works without a HOME, without sharing', () =>
  withProcesses([issued(1), issued(2)], async ({ get }) => {
    const env = { WFG_CACHE_DIR: '', HOME: '', USERPROFILE: '', LOCALAPPDATA: '' }
    for (const number of [1, 2]) assertGave(await get(env), number)
  }),
)

source('tokenSourceOf() has GitHub Actions mask the token and leaves nothing on its disk', () =>
  withProcesses([issued(1)], async ({ get, cache }) => {
    const { stdout, stderr, status } = await get({ GITHUB_ACTIONS: 'true', CI: 'true' })
    assert.is(stderr, `::add-mask::${tokenOf(1)}\n`)
    assert.is(stdout, `${tokenOf(1)}\n`)
    assert.is(status, 0)
    assert.not.ok(existsSync(cache))
  }),
)

source('tokenSourceOf() tells with --verbose why a file is not used, and without it nothing', async () => {
  await withProcesses([issued(1), issued(2)], async ({ get, cache }) => {
    assertGave(await get(), 1)
    const file = join(cache, readdirSync(cache).find((name) => name.endsWith('.json'))!)
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100))
    const { stdout, stderr } = await get({}, { verbose: true })
    assert.is(stdout, `${tokenOf(2)}\n`)
    assert.match(stderr, `access token: the file ${quotedPath(file)} is not used: it is damaged\n`)
  })
})

source('tokenSourceOf() loads neither the library nor the lock when a token is at hand', () =>
  withProcesses([issued(1), issued(2)], async ({ folder, settings, get }) => {
    if (!runtimes().includes('node')) return notRun('what a process loads is told by Node alone')
    assertGave(await get(), 1)
    const path = join(folder.dir, 'get twice.ts')
    writeFileSync(path, GETS_TWICE)
    const { stdout, stderr } = await startProcess('node', [path], { ...settings, NODE_DEBUG: 'esm' }).ended
    assert.is(stdout, `${tokenOf(1)} ${tokenOf(2)}\n`)
    const [warm, cold] = stderr.split('that was warm') as [string, string]
    // The history of a plain file has the lock's file at hand, so that is no sign.
    const names = [
      'oauth4webapi/build/index.js',
      'auth/token_request.ts',
      'auth/single_flight.ts',
      'auth/token_file.ts',
    ]
    const loaded = (text: string) => names.map((name) => text.includes(name))
    assert.equal(loaded(warm), [false, false, false, true])
    assert.equal(loaded(cold).slice(0, 3), [true, true, true])
  }),
)

/** Says so between a token at hand and one that is requested. */
const GETS_TWICE = `
  import { debuglog } from 'node:util'
  import { token } from '#wfg'
  const warm = await token.get()
  debuglog('esm')('that was warm')
  await token.clear()
  console.log(warm, await token.get())
`

source(
  "tokenSourceOf() warns once of a clock that is more than a minute off, by the token response's date",
  async () => {
    const warnings: string[] = []
    const dated = (seconds: number): FakeReply => ({
      headers: { date: new Date(START_MS + seconds * 1000).toUTCString() },
      body: { access_token: `tok-${seconds}-123456`, token_type: 'Bearer', expires_in: 3600 },
    })
    for (const [first, second] of [
      [30, -60],
      [-61, -61],
    ] as const) {
      const host = fakeHost({ ...processHost(), startMs: START_MS, replies: [dated(first), dated(second)] })
      const config = configOf({ ...SETTINGS, WFG_TOKEN_CACHE: 'off' })
      const source = tokenSourceOf(host, config, undefined, (text) => warnings.push(text))
      await source.get()
      source.clear()
      await source.get()
    }
    assert.equal(warnings, [
      "The clock of this computer is 61 s ahead of the identity provider's. Set it, or tokens and certificates will be refused as expired or not yet valid.",
    ])
  },
)

source.run()
