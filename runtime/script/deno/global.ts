/** The `Deno` global, for scripts written for Deno that run on Node or Bun. */
import { inspect } from 'node:util'
import type { Host } from '../../host/host.ts'
import { denoCommand } from './command.ts'
import { completeErrors, type DenoErrors, plainError } from './errors.ts'
import { denoFiles } from './files.ts'
import { denoOpen } from './open.ts'
import { denoSystem, type SystemHost } from './system.ts'
import { denoWatch } from './watch.ts'

type DenoHost = Pick<
  Host,
  'runtime' | 'env' | 'commandLine' | 'execPath' | 'cwd' | 'exit' | 'exitCode' | 'setExitCode' | 'defineGlobal'
> &
  SystemHost

/**
 * Defines `Deno` if the script uses it. Libraries take a global `Deno` as the sign of a Deno process, so other scripts do
 * not get it. Call this just before importing the script. Does nothing on Deno.
 *
 * @param force aborts when what the script started must be killed at once
 * @returns a function that removes it
 */
export async function provideDeno(source: string, host: DenoHost, force?: AbortSignal): Promise<() => void> {
  if (host.runtime === 'deno' || !source.includes('Deno')) return () => {}
  const { usesGlobal } = await import('../source.ts')
  if (!usesGlobal(source, 'Deno')) return () => {}
  const { Deno: shim } = await import('@deno/shim-deno')
  return host.defineGlobal('Deno', complete({ ...shim }, host, force))
}

// --- internal ---

/** Completes the shim, and replaces members that differ from Deno 2. */
function complete(shim: Readonly<Record<string, unknown>>, host: DenoHost, force?: AbortSignal): object {
  const errors = completeErrors(shim['errors'] as Record<string, unknown>)
  const namespace = {
    ...shim,
    ...denoFiles(errors, shim),
    ...denoOpen(errors),
    ...denoCommand(host, errors, force),
    ...denoWatch(errors),
    ...denoSystem(host, errors),
    ...notProvided(errors),
    inspect: (value: unknown, options: object = {}) => inspect(value, { depth: 4, ...options }),
    errors,
    // The host's `setArgv` replaces them.
    args: [...host.commandLine],
    env: environment(host),
    cwd: () => host.cwd(),
    execPath: () => host.execPath,
    exit: (code?: number) => host.exit(code ?? host.exitCode()),
  }
  return Object.defineProperty(namespace, 'exitCode', {
    get: () => host.exitCode(),
    set: (code: number) => host.setExitCode(code),
    enumerable: true,
  })
}

/** Functions that exist only on Deno, and their replacements. Some of the shim's versions fail on Node. */
const ONLY_DENO = {
  connect: 'node:net',
  connectTls: 'node:tls',
  startTls: 'node:tls',
  listen: 'node:net',
  listenTls: 'node:tls',
  serve: 'node:http',
  serveHttp: 'node:http',
  upgradeWebSocket: 'node:http',
  createHttpClient: 'node:https',
  spawn: 'Deno.Command',
  spawnAndWait: 'Deno.Command',
  spawnAndWaitSync: 'Deno.Command',
}

function notProvided(errors: DenoErrors): object {
  const entries = Object.entries(ONLY_DENO).map(([name, instead]) => [
    name,
    () => {
      throw plainError(errors, 'NotSupported', `Deno.${name}() exists on Deno only; ${instead} works on every runtime.`)
    },
  ])
  return Object.fromEntries(entries)
}

function environment({ env }: DenoHost): object {
  return {
    get: (name: string) => env[name],
    has: (name: string) => env[name] !== undefined,
    set(name: string, value: string) {
      env[name] = String(value)
    },
    delete(name: string) {
      delete env[name]
    },
    toObject: () => ({ ...env }),
  }
}
