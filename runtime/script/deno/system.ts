/** The members of `Deno` about the system and other processes that the shim lacks or gets wrong. */
import { readFileSync } from 'node:fs'
import { constants, freemem, networkInterfaces, totalmem } from 'node:os'
import type { Host } from '../../host/host.ts'
import { type DenoErrors, plainError } from './errors.ts'

export type SystemHost = Pick<Host, 'kill' | 'isRunning' | 'umask'>

export function denoSystem(
  host: SystemHost,
  errors: DenoErrors,
  shim: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    ...signalListeners(shim as unknown as SignalShim),
    kill(pid: number, signal: NodeJS.Signals = 'SIGTERM') {
      if (!(signal in constants.signals)) throw new TypeError(`Invalid signal: ${signal}`)
      if (host.kill(pid, signal)) return
      throw host.isRunning(pid)
        ? plainError(errors, 'PermissionDenied', 'EPERM: Operation not permitted')
        : plainError(errors, 'NotFound', 'ESRCH: No such process')
    },
    umask: (mask?: number) => host.umask(mask),
    systemMemoryInfo,
    networkInterfaces: () =>
      Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
        addresses.map(({ family, address, netmask, cidr, mac, ...rest }) => ({
          name,
          family,
          address,
          netmask,
          scopeid: 'scopeid' in rest ? (rest.scopeid ?? null) : null,
          cidr,
          mac,
        })),
      ),
    refTimer: (timer: NodeJS.Timeout) => void timer.ref(),
    unrefTimer: (timer: NodeJS.Timeout) => void timer.unref(),
  }
}

// --- internal ---

type SignalShim = Readonly<
  Record<'addSignalListener' | 'removeSignalListener', (signal: string, listener: () => void) => void>
>

/** Like event listeners: each is called once, without arguments. */
function signalListeners(shim: SignalShim): SignalShim {
  const added = new Map<string, Map<() => void, () => void>>()
  return {
    addSignalListener(signal, listener) {
      if (!(signal in constants.signals)) throw new TypeError(`Invalid signal: ${signal}`)
      if (NEVER_HEARD.includes(signal)) throw new TypeError(`Binding to signal '${signal}' is not allowed`)
      const listeners = added.get(signal) ?? new Map()
      if (listeners.has(listener)) return
      const called = () => listener()
      shim.addSignalListener(signal, called)
      added.set(signal, listeners.set(listener, called))
    },
    removeSignalListener(signal, listener) {
      const called = added.get(signal)?.get(listener)
      if (called === undefined) return
      shim.removeSignalListener(signal, called)
      added.get(signal)!.delete(listener)
    },
  }
}

const NEVER_HEARD: readonly string[] = ['SIGKILL', 'SIGSTOP', 'SIGILL', 'SIGFPE', 'SIGSEGV']

/** In bytes. Only Linux reports more than the total and the free memory. */
function systemMemoryInfo(): object {
  const text = linuxMemory()
  const bytes = (name: string, otherwise: number) => {
    const [, kibibytes] = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text) ?? []
    return kibibytes === undefined ? otherwise : Number(kibibytes) * 1024
  }
  return {
    total: bytes('MemTotal', totalmem()),
    free: bytes('MemFree', freemem()),
    available: bytes('MemAvailable', freemem()),
    buffers: bytes('Buffers', 0),
    cached: bytes('Cached', 0),
    swapTotal: bytes('SwapTotal', 0),
    swapFree: bytes('SwapFree', 0),
  }
}

function linuxMemory(): string {
  try {
    return readFileSync('/proc/meminfo', 'utf8')
  } catch {
    return ''
  }
}
