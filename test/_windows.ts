/**
 * The suite on the Windows builds of Node and Deno: on Windows as it is, elsewhere under Wine (`apt install wine`).
 *
 *     npm run test:windows [-- pattern…]
 *
 * Node 20 runs all tests. Node 24 and Deno run those of processes, tasks and transport. Under Wine a copy of this folder is
 * tested, with the packages for Windows. It stays in the user's cache folder for the next time.
 */
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { hasWine } from './_programs.ts'
import { CACHE, FOR_WINDOWS, runNpm, windowsNode } from './_runtimes.ts'
import { runSuites } from './_suites.ts'

/** Of Node 24 and Deno. */
const PROCESSES = [
  'cli/interruption',
  'cli/windows_console',
  'script/deno',
  'script/main_module',
  'tasks/run/',
  'transport/',
]

/** Under Wine, Deno itself panics now and then while it reads a pipe. */
const PANIC = /^Deno has panicked\.[\s\S]*named_pipe\.rs/m
const PANICS = 4

const onWindows = process.platform === 'win32'
const repository = fileURLToPath(new URL('..', import.meta.url))
const home = join(CACHE, 'windows')
const patterns = process.argv.slice(2)

if (onWindows || hasWine()) {
  const folder = onWindows ? repository : copied()
  if (!onWindows) {
    removeLeftovers()
    execFileSync('wineboot', ['--init'], { env: wineEnvironment(), stdio: 'ignore' })
  }
  const deno = join(folder, 'node_modules', '@deno', 'win32-x64', 'deno.exe')
  const suites = [
    { title: 'Node 20, Windows build', program: windowsNode('20'), args: ['--import', 'tsx'], chosen: patterns },
    { title: 'Node 24, Windows build', program: windowsNode('24'), args: [], chosen: fewer() },
    ...partsForDeno().map((chosen) => ({
      title: `Deno, Windows build: ${chosen.join(', ')}`,
      program: existsSync(deno) ? deno : undefined,
      args: ['run', '-A'],
      chosen,
    })),
  ]
  await runSuites(
    suites.map(({ title, program, args, chosen }) => ({
      title,
      run:
        program === undefined
          ? undefined
          : () => runDriver(folder, [program, ...args, 'test/_run.ts', '--limit', '300', ...chosen]),
    })),
  )
} else {
  process.stdout.write('not run: the Windows builds need Wine (apt install wine)\n0 passed, 0 failed\n')
}

// --- internal ---

function fewer(): string[] {
  return patterns.length > 0 ? patterns : PROCESSES
}

/** Under Wine in parts, of which one alone is run again when Deno panics. */
function partsForDeno(): string[][] {
  return onWindows ? [fewer()] : fewer().map((pattern) => [pattern])
}

/** The files of this folder, with packages for Windows, which are installed again only if the lock file has changed. */
function copied(): string {
  const folder = join(home, 'wfg')
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) {
    if (name !== 'node_modules') rmSync(join(folder, name), { recursive: true, force: true })
  }
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
  })
  for (const path of listed.split('\0').filter((path) => path !== '' && existsSync(join(repository, path)))) {
    cpSync(join(repository, path), join(folder, path))
  }
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  const mark = join(folder, 'node_modules', '.made-for')
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
    if (!runNpm(folder, ['ci', ...FOR_WINDOWS]))
      throw new Error(`npm could not install the packages for Windows in "${folder}"`)
    writeFileSync(mark, lock)
  }
  return folder
}

/** Processes that were killed leave files. */
function removeLeftovers(): void {
  const users = join(home, 'prefix', 'drive_c', 'users')
  for (const user of existsSync(users) ? readdirSync(users) : []) {
    for (const folder of ['.cache', 'AppData/Local'])
      rmSync(join(users, user, folder), { recursive: true, force: true })
  }
}

/** TEST_WINE tells the tests where they are. Each Deno would copy itself, 97 MB, to be the `node` of its children. */
function wineEnvironment(): NodeJS.ProcessEnv {
  const node = windowsNode('20')
  const path = node === undefined ? {} : { WINEPATH: `Z:${dirname(node).replaceAll('/', '\\')}` }
  const wine = { WINEPREFIX: join(home, 'prefix'), WINEDEBUG: '-all', TEST_WINE: '1' }
  return { ...process.env, ...path, ...wine, DENO_DISABLE_NODE_SHIM: '1' }
}

interface Ended {
  readonly output: string
  readonly status: unknown
}

async function runDriver(folder: string, command: readonly string[]): Promise<Ended> {
  for (let panics = 0; panics < PANICS; panics++) {
    const ended = await runOnce(folder, command)
    if (onWindows || ended.status === 0 || !PANIC.test(ended.output)) return ended
    process.stdout.write('\nDeno panicked, so these tests run once more\n')
  }
  return { output: `not run: Deno panicked ${PANICS} times\n0 passed, 0 failed\n`, status: 0 }
}

async function runOnce(folder: string, command: readonly string[]): Promise<Ended> {
  const [program, ...args] = onWindows ? command : ['wine', ...command]
  const env = onWindows ? process.env : wineEnvironment()
  // To a file, because Node for Windows cannot write to the pipe that Wine gives it.
  const file = join(home, 'output.txt')
  mkdirSync(home, { recursive: true })
  const written = openSync(file, 'w')
  const child = spawn(program!, args, { cwd: folder, env, stdio: ['ignore', written, written] })
  closeSync(written)
  let status: unknown
  child.on('error', (error) => (status = error)).on('close', (code) => (status = code ?? 1))
  for (let shown = 0; ; ) {
    const isOver = status !== undefined
    const output = readFileSync(file)
    process.stdout.write(output.subarray(shown))
    shown = output.length
    if (isOver) return { output: output.toString(), status }
    await setTimeout(500)
  }
}
