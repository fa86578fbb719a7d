/**
 * Sends to a command on Windows what a person does at its console. There the signals of Node and Deno end a process,
 * whatever their name. So this file is also a program for Deno, which can call the functions of Windows: it is given a
 * `Play` as JSON, and writes a `Played` into the folder of the command.
 *
 * @see https://learn.microsoft.com/windows/console/handlerroutine
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Play {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Each is sent once the output after the one before has this text. */
  readonly events: readonly { readonly after: string; readonly send: keyof typeof EVENTS }[]
  readonly limitMs: number
}

export interface Played {
  readonly status: number
  /** Both outputs, as they came. */
  readonly output: string
  /** From the last event to the end. */
  readonly tookMs: number
}

/**
 * Runs the command in a console of its own, which nobody sees.
 *
 * @param deno the command that runs a file on the Windows build of Deno
 */
export async function inConsole([program, ...args]: readonly string[], play: Play): Promise<Played> {
  const [file, text] = [join(play.cwd, RESULT), JSON.stringify(play)]
  // Without pipes: Deno 2.9 may panic when one closes, under Wine.
  const child = spawn(program!, [...args, import.meta.filename, text], { stdio: 'ignore', windowsHide: true })
  await once(child, 'exit')
  if (!existsSync(file)) throw new Error(`The console of ${play.command.join(' ')} failed`)
  const played = JSON.parse(readFileSync(file, 'utf8')) as Played
  rmSync(file)
  return played
}

// --- internal ---

const RESULT = 'played.json'

/** By the numbers of Windows. */
const EVENTS = { 'Ctrl-C': 0, 'Ctrl-Break': 1, close: 2, kill: -1 } as const

const ALL_ACCESS = 0x1f_ff_ff
/** Time, in ms, for what is still in the pipes: a program that the command has left behind may hold them open. */
const LAST_OUTPUT_MS = 1000

type Call = (...args: readonly unknown[]) => unknown

interface Child {
  readonly pid: number
  readonly stdout: AsyncIterable<Uint8Array>
  readonly stderr: AsyncIterable<Uint8Array>
  readonly status: Promise<{ readonly code: number }>
  kill(signal: 'SIGKILL'): void
}

/** What is used of Deno here. */
interface DenoNamespace {
  readonly Command: new (program: string, options: object) => { spawn(): Child }
  addSignalListener(name: string, handler: () => void): void
  dlopen(path: string, symbols: object): { readonly symbols: Readonly<Record<string, Call>> }
}

if (process.argv[1] === import.meta.filename) {
  const { Deno: deno } = globalThis as unknown as { Deno: DenoNamespace }
  const play = JSON.parse(process.argv[2]!) as Play
  writeFileSync(join(play.cwd, RESULT), JSON.stringify(await perform(deno, play)))
  process.exit()
}

async function perform(deno: DenoNamespace, play: Play): Promise<Played> {
  const { command, cwd, env, events, limitMs } = play
  // The events that all processes of the console get must not end this one.
  for (const name of ['SIGINT', 'SIGBREAK']) deno.addSignalListener(name, () => {})
  const send = sender(deno)
  const [program, ...args] = command
  const pipes = { stdin: 'null', stdout: 'piped', stderr: 'piped' }
  const child = new deno.Command(program!, { args, cwd, env, clearEnv: true, ...pipes }).spawn()
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
  const waiting = [...events]
  let [output, seen, sentAtMs] = ['', 0, 0]
  const read = async (stream: AsyncIterable<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const bytes of stream) {
      output += decoder.decode(bytes, { stream: true })
      if (waiting.length === 0 || !output.slice(seen).includes(waiting[0]!.after)) continue
      seen = output.length
      sentAtMs = performance.now()
      send(child, waiting.shift()!.send)
    }
  }
  const outputs = Promise.all([read(child.stdout), read(child.stderr)])
  const { code } = await child.status
  const tookMs = Math.round(performance.now() - sentAtMs)
  clearTimeout(timer)
  await Promise.race([outputs, sleep(LAST_OUTPUT_MS)])
  return { status: code, output, tookMs }
}

/**
 * Ctrl-C goes to all processes of the console, as at the keyboard. The others start in the process what the system starts
 * there: Wine takes Ctrl-Break for a signal that ends a thread, and a console that is closed would close the outputs.
 */
function sender(deno: DenoNamespace): (child: Child, name: keyof typeof EVENTS) => void {
  const { symbols } = deno.dlopen('kernel32.dll', {
    GenerateConsoleCtrlEvent: { parameters: ['u32', 'u32'], result: 'i32' },
    GetModuleHandleW: { parameters: ['buffer'], result: 'pointer' },
    GetProcAddress: { parameters: ['pointer', 'buffer'], result: 'pointer' },
    OpenProcess: { parameters: ['u32', 'i32', 'u32'], result: 'pointer' },
    CreateRemoteThread: {
      parameters: ['pointer', 'pointer', 'usize', 'pointer', 'usize', 'u32', 'pointer'],
      result: 'pointer',
    },
  })
  const call = (name: string, ...args: readonly unknown[]): unknown => {
    const result = symbols[name]!(...args)
    if (result === null || result === 0) throw new Error(`${name}() of Windows failed`)
    return result
  }
  return (child, name) => {
    if (name === 'kill') return child.kill('SIGKILL')
    if (name === 'Ctrl-C') return void call('GenerateConsoleCtrlEvent', EVENTS[name], 0)
    const library = call('GetModuleHandleW', new Uint8Array(Buffer.from('kernelbase.dll\0', 'utf16le')))
    const routine = call('GetProcAddress', library, new TextEncoder().encode('CtrlRoutine\0'))
    const handle = call('OpenProcess', ALL_ACCESS, 0, child.pid)
    call('CreateRemoteThread', handle, null, 0n, routine, BigInt(EVENTS[name]), 0, null)
  }
}
