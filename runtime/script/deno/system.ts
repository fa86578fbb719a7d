/** The members of `Deno` about the system and other processes that the shim lacks or gets wrong. */
import { constants, freemem, networkInterfaces, totalmem } from 'node:os'
import type { Host } from '../../host/host.ts'
import { type DenoErrors, plainError } from './errors.ts'

export type SystemHost = Pick<Host, 'kill' | 'isRunning' | 'umask'>

export function denoSystem(host: SystemHost, errors: DenoErrors): Readonly<Record<string, unknown>> {
  return {
    kill(pid: number, signal: NodeJS.Signals = 'SIGTERM') {
      if (!(signal in constants.signals)) throw new TypeError(`Invalid signal: ${signal}`)
      if (host.kill(pid, signal)) return
      throw host.isRunning(pid)
        ? plainError(errors, 'PermissionDenied', 'EPERM: Operation not permitted')
        : plainError(errors, 'NotFound', 'ESRCH: No such process')
    },
    umask: (mask?: number) => host.umask(mask),
    /** In bytes. Node knows only the total and the free memory. */
    systemMemoryInfo: () => {
      const [total, free] = [totalmem(), freemem()]
      return { total, free, available: free, buffers: 0, cached: 0, swapTotal: 0, swapFree: 0 }
    },
    networkInterfaces: () =>
      Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
        addresses.map(({ internal, ...address }) => ({ name, scopeid: null, ...address })),
      ),
    refTimer: (timer: NodeJS.Timeout) => void timer.ref(),
    unrefTimer: (timer: NodeJS.Timeout) => void timer.unref(),
  }
}
