/** Ctrl-C, Ctrl-Break and the closing of the console on Windows; `interruption.test.ts` has what is the same elsewhere. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../runtime/host/host.ts'
import { environment } from '../_cli.ts'
import { notRun } from '../_not_run.ts'
import { commandOf, RUNTIME, startOf } from '../_runtime.ts'
import { type Office, office } from '../queue/_office.ts'
import { inConsole, type Play } from './_windows_console.ts'

const windowsConsole = suite('cli/windows_console')

/** The shell has started it, so the run knows only its parent. */
const SLEEPER = `import { writeFileSync } from 'node:fs'
process.on('SIGINT', () => {})
writeFileSync('sleeper.txt', String(process.pid))
setTimeout(() => {}, 120_000)
`
const STARTS = `
    const sleeping = $\`\${process.execPath} \${process.versions.deno ? ['run', '-A'] : []} sleeper.mjs\`.nothrow()
    while (!existsSync('sleeper.txt')) await new Promise((resolve) => setTimeout(resolve, 50))
    console.log('waits')`
const SCRIPTS = {
  tidy: `import { existsSync } from 'node:fs'
export default defineScript({
  async run({ $, signal }) {${STARTS}
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await sleeping
    console.log('cleaned up')
  },
})`,
  deaf: `import { existsSync } from 'node:fs'
export default defineScript({
  async run({ $: shell }) {
    const $ = shell({ signal: new AbortController().signal })${STARTS}
    await new Promise((resolve) => setTimeout(resolve, 120_000))
  },
})`,
}
const ENTRIES = `tidy: { script: './scripts/tidy.ts', access: 'read' },
  deaf: { script: './scripts/deaf.ts', access: 'read' },`
const ENV = { WFG_SHELL: 'cmd', WFG_PROFILE: 'sandbox' }
const STOPPING = 'Stopping. Press Ctrl-C again to end at once.\n'

type Played = (
  args: readonly string[],
  ...events: Play['events']
) => Promise<{ status: number; output: string; tookMs: number }>

function onWindows(title: string, test: (play: Played, office: Office) => Promise<void>, hasQueue = false): void {
  windowsConsole(title, async () => {
    if (process.platform !== 'win32') return notRun('only Windows has consoles that send events')
    const deno = commandOf('deno')
    if (!deno) return notRun('the console of the tests needs deno')
    const opened = await office(ENTRIES, SCRIPTS, ENV, !hasQueue)
    opened.write('sleeper.mjs', SLEEPER)
    try {
      await test((args, ...events) => play(opened.dir, deno, args, events), opened)
    } finally {
      await cleanup(opened)
    }
  })
}

/** Asserts that nothing is left of what `$` started. */
async function play(
  dir: string,
  deno: readonly string[],
  args: readonly string[],
  events: Play['events'],
): ReturnType<Played> {
  const sleeper = join(dir, 'sleeper.txt')
  rmSync(sleeper, { force: true })
  const command = [...startOf(join(dir, 'tasks.ts'), dir), ...args]
  const env = { ...environment(join(dir, 'home')), ...ENV, PATHEXT: '.COM;.EXE;.BAT;.CMD' }
  const played = await inConsole(deno, { command, cwd: dir, env, events, limitMs: 60_000 })
  assert.ok(existsSync(sleeper), played.output)
  const pid = Number(readFileSync(sleeper, 'utf8'))
  const { isRunning, kill } = systemHost()
  for (let tries = 0; isRunning(pid) && tries < 20; tries++) await sleep(100)
  const isLeft = isRunning(pid)
  if (isLeft) kill(pid, 'SIGKILL')
  assert.not(isLeft, `what $ started is left\n${played.output}`)
  return played
}

/** Under Wine, a console that has just closed still has the folder for a moment. */
async function cleanup(opened: Office): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      return opened.cleanup()
    } catch {
      await sleep(200)
    }
  }
  opened.cleanup()
}

for (const send of ['Ctrl-C', 'Ctrl-Break'] as const) {
  onWindows(`${send} waits for the cleanup of the run, ends what $ started, and ends with 130`, async (play) => {
    const { status, output } = await play(['tidy'], { after: 'waits', send })
    assert.equal([status, output], [130, `waits\n${STOPPING}cleaned up\nInterrupted.\n`])
  })
}

onWindows('a second Ctrl-C ends a script that does not listen, and what $ started', async (play) => {
  const send = 'Ctrl-C'
  const { status, output } = await play(['deaf'], { after: 'waits', send }, { after: 'again', send })
  assert.equal([status, output], [130, `waits\n${STOPPING}Interrupted.\n`])
})

onWindows('the closing of the console leaves four seconds, less than Windows gives', async (play) => {
  if (RUNTIME === 'deno') return notRun('Deno gives no time after the console was closed')
  const { status, output, tookMs } = await play(['deaf'], { after: 'waits', send: 'close' })
  assert.equal([status, output], [143, 'waits\nInterrupted.\nIt did not stop within 4 s and was ended.\n'])
  assert.ok(tookMs > 3900 && tookMs < 10_000, String(tookMs))
})

onWindows('--timeout ends what $ started', async (play) => {
  const { status, output } = await play(['tidy', '--timeout', '10'])
  const text = 'waits\ncleaned up\nThe time of 10 s for this run (--timeout) is over.\n'
  assert.equal([status, output], [124, text])
})

async function workerTest(play: Played, office: Office): Promise<void> {
  await office.enqueue('tidy')
  const id = await office.enqueue('tidy')
  const worker = ['worker', '--verbose', '--concurrency', '1', '--grace', '0']
  const killed = await play(worker, { after: 'waits', send: 'kill' })
  assert.is.not(killed.status, 0)
  const { status, output } = await play(worker, { after: 'waits', send: 'Ctrl-C' })
  assert.is(status, 130)
  assert.match(output, / interrupted tidy \S+: its worker on .* is gone or frozen\n/)
  assert.match(
    output,
    new RegExp(` interrupted tidy ${id.slice(0, 8)} .*: Interrupted: the worker was told to stop\\.\n`),
  )
  assert.match(output, / stopped\nInterrupted\.\n$/)
}

onWindows('a run ends with its worker, which starts again after it was killed', workerTest, true)

windowsConsole.run()
