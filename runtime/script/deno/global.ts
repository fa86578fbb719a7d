/** The `Deno` global, for scripts written for Deno that run on Node or Bun. */
import { arch, platform } from 'node:os'
import type { Host } from '../../host/host.ts'
import { denoCommand } from './command.ts'
import { completeErrors, type DenoErrors, plainError } from './errors.ts'
import { denoFiles } from './files.ts'
import { denoInspect } from './inspect.ts'
import { denoOpen } from './open.ts'
import { denoSystem, type SystemHost } from './system.ts'
import { denoWatch } from './watch.ts'

export type DenoHost = Pick<
  Host,
  'runtime' | 'env' | 'commandLine' | 'execPath' | 'cwd' | 'exit' | 'exitCode' | 'setExitCode' | 'defineGlobal'
> &
  SystemHost

/**
 * Defines `Deno` if the script uses it. Libraries take a global `Deno` as the sign of a Deno process, so other scripts do
 * not get it. Call this just before importing the script. Does nothing on Deno.
 *
 * @returns a function that removes it
 */
export async function provideDeno(source: string, host: DenoHost): Promise<() => void> {
  if (host.runtime === 'deno' || !source.includes('Deno')) return () => {}
  const { usesGlobal } = await import('../source.ts')
  if (!usesGlobal(source, 'Deno')) return () => {}
  const { Deno: shim } = await import('@deno/shim-deno')
  return host.defineGlobal('Deno', complete({ ...shim }, host))
}

// --- internal ---

/** Completes the shim, and replaces members that differ from Deno 2. */
function complete(shim: Readonly<Record<string, unknown>>, host: DenoHost): object {
  const errors = completeErrors(shim['errors'] as Record<string, unknown>)
  const namespace = {
    ...shim,
    ...denoFiles(errors, shim),
    ...denoOpen(errors),
    ...denoCommand(host, errors),
    ...denoWatch(errors),
    ...denoSystem(host, errors, shim),
    ...notProvided(errors),
    inspect: denoInspect,
    errors,
    // The host's `setArgv` replaces them.
    args: [...host.commandLine],
    build: build(),
    env: environment(host),
    cwd: () => host.cwd(),
    execPath: () => host.execPath,
    exit: (code?: number) => host.exit(code ?? host.exitCode()),
  }
  return Object.defineProperty(namespace, 'exitCode', {
    get: () => host.exitCode(),
    set(code: unknown) {
      if (typeof code !== 'number') {
        throw new TypeError(`Exit code must be a number, got: ${String(code)} (${typeof code})`)
      }
      host.setExitCode(code)
    },
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
const ASYNC = ['connect', 'connectTls', 'startTls', 'spawnAndWait']

function notProvided(errors: DenoErrors): object {
  const entries = Object.entries(ONLY_DENO).map(([name, instead]) => {
    const refuse = () => {
      throw plainError(errors, 'NotSupported', `Deno.${name}() exists on Deno only; ${instead} works on every runtime.`)
    }
    return [name, ASYNC.includes(name) ? async () => refuse() : refuse]
  })
  return Object.fromEntries(entries)
}

const SYSTEMS: Readonly<Record<string, readonly [os: string, vendor: string, rest: string, env?: string]>> = {
  darwin: ['darwin', 'apple', 'darwin'],
  win32: ['windows', 'pc', 'windows-msvc', 'msvc'],
  linux: ['linux', 'unknown', 'linux-gnu', 'gnu'],
}

function build(): object {
  const architecture = { x64: 'x86_64', arm64: 'aarch64' }[arch() as string] ?? arch()
  const [os, vendor, rest, env] = SYSTEMS[platform()] ?? [platform(), 'unknown', platform()]
  return { target: `${architecture}-${vendor}-${rest}`, arch: architecture, os, vendor, env, standalone: false }
}

function environment({ env }: DenoHost): object {
  return {
    get: (name: string) => env[checkName(name)],
    has: (name: string) => env[checkName(name)] !== undefined,
    set(name: string, value: string) {
      if (String(value).includes('\0')) throw new TypeError(`Value contains invalid characters: ${shown(value)}`)
      env[checkName(name)] = String(value)
    },
    delete(name: string) {
      delete env[checkName(name)]
    },
    toObject: () => ({ ...env }),
  }
}

function checkName(given: string): string {
  const name = String(given)
  if (name === '') throw new TypeError('Key is an empty string.')
  if (/[=\0]/.test(name)) throw new TypeError(`Key contains invalid characters: ${shown(name)}`)
  return name
}

function shown(value: string): string {
  return `"${value.replaceAll('\0', '\\0')}"`
}
