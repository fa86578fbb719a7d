/** The `Deno` namespace as scripts for Deno 2 expect it. */
import { arch, platform } from 'node:os'
import { denoCommand } from './deno_command.ts'
import { completeErrors } from './deno_errors.ts'
import { denoFiles } from './deno_files.ts'
import type { DenoHost } from './deno_global.ts'

/** The shim's members, and better ones where it lacks or differs from Deno 2. */
export function denoNamespace(shim: Readonly<Record<string, unknown>>, host: DenoHost): object {
  const errors = completeErrors(shim['errors'] as Record<string, unknown>)
  const namespace = {
    ...shim,
    ...denoFiles(errors, shim),
    ...denoCommand(host, errors),
    errors,
    // Until the host's `setArgv` says what they are.
    args: [...host.commandLine],
    build: build(),
    env: environment(host),
    cwd: () => host.cwd(),
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

// --- internal ---

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
