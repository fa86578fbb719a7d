/** Escapes by programs: start one, load a library, reach another process, take all memory, or outlive the run. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { project } from '../../_cli.ts'
import { NO_SIGNALS, needs, SENDS_SIGNALS } from '../../_not_run.ts'
import { settingsFor } from '../../cli/_configured.ts'
import { type Attacks, attack, compare, escapes, victim } from './_attacks.ts'

const programs = escapes('programs')
const onUnix = needs(SENDS_SIGNALS, NO_SIGNALS, escapes('programs on Unix'))

const spawned = (call: string) =>
  `const child = ${call}; await inTime(new Promise((resolve, reject) => child.on('exit', resolve).on('error', reject)))`

const ATTACKS: Attacks = {
  'Deno.Command': "new Deno.Command(Deno.execPath(), { args: ['--version'], stdout: 'null' }).outputSync()",
  'Deno.Command of a worker':
    'await inWorker(\'new Deno.Command(\' + JSON.stringify(Deno.execPath()) + \', { args: ["--version"], stdout: "null" }).outputSync()\')',
  spawn: spawned("childProcess.spawn(Deno.execPath(), ['--version'])"),
  spawnSync:
    'const { status, stdout } = childProcess.spawnSync(Deno.execPath(), ["--version"]); if (status !== 0 || stdout.length === 0) throw new Error("Command failed")',
  exec: spawned("childProcess.exec('echo')"),
  execSync: "childProcess.execSync('echo')",
  execFileSync: 'childProcess.execFileSync(Deno.execPath(), ["--version"])',
  fork: spawned("childProcess.fork(at.root + '/outside.ts', { stdio: 'ignore' })"),
  'a program of a package': "await (await import('zx')).$`echo`",
  'the shell of the run': 'await $run`echo`',
  'a library':
    "try { Deno.dlopen(at.root + '/victim.txt', {}) } catch (error) { if (error.name === 'NotCapable') throw error }",
  'an extension of Node':
    "try { process.dlopen({ exports: {} }, at.root + '/victim.txt') } catch (error) { if (/Requires|NotCapable/.test(error.name + error.message)) throw error }",
  'an extension by require':
    "fs.writeFileSync('out/x.node', ''); try { require('../out/x.node') } catch (error) { if (/Requires|NotCapable/.test(error.name + error.message)) throw error }",
  'an extension of SQLite':
    "const db = new (await import('node:sqlite')).DatabaseSync(':memory:', { allowExtension: true }); try { db.loadExtension(at.root + '/victim.txt') } catch (error) { if (error.code !== 'ERR_LOAD_SQLITE_EXTENSION') throw error }",
  'a signal to the parent': 'process.kill(process.ppid, 0)',
  ...(process.platform !== 'win32' && {
    'a signal by Deno': 'Deno.kill(Deno.ppid, "SIGCONT")',
    'another user': 'process.setuid(process.getuid())',
  }),
  'the priority of its parent': 'os.setPriority(process.ppid, os.getPriority(process.ppid))',
  'the token': 'if ((await token.get()) === "") throw new Error("empty")',
  'another profile':
    'await wfg.extend({ profile: "other" })`{ a }`.catch((error) => { if (error.code === "WFG_REFUSED") throw error })',
  'a mutation': 'await wfg`mutation { drop }`',
  'a mutation hidden by a fragment': 'await wfg`mutation A { ...F } fragment F on Mutation { drop }`',
  'another user of WorkflowGen': 'await wfg.extend({ impersonate: "admin" })`{ a }`',
  'a header': 'await wfg.extend({ headers: { "x-mine": "1" } })`{ a }`',
}

programs('starts nothing, reaches no process, and sends nothing that is not allowed', async () => {
  let sent = 0
  const server = createServer((request, response) => {
    request.resume()
    const isToken = request.url!.includes('token')
    if (!isToken) sent++
    const body = isToken
      ? { access_token: 'token-that-nobody-may-see', token_type: 'Bearer', expires_in: 60 }
      : { data: { a: 1, drop: 1 } }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const made = victim(ATTACKS)
  try {
    const isolated = await attack(made, 'isolated', {}, url)
    assert.is(sent, 0)
    const reason = /NotCapable|WFG_REFUSED|Requires (run|ffi|read|write|sys) access|not authorized|Command failed/
    compare(isolated, await attack(made, 'control', {}, url), ATTACKS, reason)
    assert.is(sent, 4)
  } finally {
    server.closeAllConnections()
    server.close()
    made.cleanup()
  }
})

/** Deno ends the process, without an error that the script could catch. */
const ENDS = {
  udp: "import dgram from 'node:dgram'; const socket = dgram.createSocket('udp4'); await new Promise((resolve) => socket.send('x', at.udp ?? 9, '127.0.0.1', resolve)); console.log('worked')",
  server:
    "import net from 'node:net'; await new Promise((resolve) => net.createServer().listen(0, '127.0.0.1', resolve)); console.log('worked')",
  rights: "new Worker('data:,', { type: 'module', deno: { permissions: 'inherit' } }); console.log('worked')",
  wasm: 'const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 }); for (;;) { memory.grow(128); new Uint8Array(memory.buffer).fill(1, memory.buffer.byteLength - (128 << 16)); await new Promise((resolve) => setTimeout(resolve, 20)) }',
}

const entries = Object.keys(ENDS).map(
  (name) => `${name}: { script: './scripts/${name}.ts', access: 'read', isolated: { memoryMb: 300 } },`,
)

programs('says what happened when the process ends in place of an error', async () => {
  const made = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'\nexport const tasks = defineTasks(import.meta.url, {${entries.join('\n')}})\nawait main(import.meta, tasks)`,
    ...Object.fromEntries(
      Object.entries(ENDS).map(([name, source]) => [`scripts/${name}.ts`, `const at = {}; ${source}`]),
    ),
  })
  try {
    const names = process.platform === 'linux' ? Object.keys(ENDS) : ['udp', 'server', 'rights']
    const found = await Promise.all(
      names.map((name) => made.run([name], { env: settingsFor({ url: 'http://127.0.0.1:9' }) })),
    )
    for (const [index, name] of names.entries()) {
      const { status, stdout, stderr } = found[index]!
      assert.ok(status !== 0, `${name}: ${stdout}${stderr}`)
      assert.is(stdout, '', name)
      const text = name === 'wasm' ? /it took more than 300 MB of memory/ : /--allow-net|--unstable-worker-options/
      assert.match(stderr, text, name)
    }
  } finally {
    made.cleanup()
  }
})

onUnix('does not outlive its run, whatever it ignores', async () => {
  const made = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'\nexport const tasks = defineTasks(import.meta.url, { stays: { script: './scripts/stays.ts', access: 'read', isolated: true } })\nawait main(import.meta, tasks)`,
    // It waits without the processor, and hears no signal.
    'scripts/stays.ts':
      "Deno.stdout.writeSync(new TextEncoder().encode(String(Deno.pid)))\nDeno.addSignalListener('SIGTERM', () => {})\nsetTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 10)",
  })
  try {
    const env = settingsFor({ url: 'http://127.0.0.1:9' })
    let stdout = ''
    // A busy computer may need the first limit to start.
    for (const seconds of [2, 10, 40]) {
      const found = await made.run(['stays', '--timeout', `${seconds}`], { env })
      assert.is(found.status, 124, found.stderr)
      stdout = found.stdout
      if (stdout !== '') break
    }
    const pid = Number(stdout)
    assert.ok(pid > 1, stdout)
    for (let looks = 0; looks < 100 && isAlive(pid); looks++) await setTimeout(50)
    const isLeft = isAlive(pid)
    if (isLeft) process.kill(pid, 'SIGKILL')
    assert.not(isLeft)
  } finally {
    made.cleanup()
  }
})

// --- internal ---

/** A process that ended is there until its parent has heard of it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

programs.run()
onUnix.run()
