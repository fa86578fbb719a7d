/** Finds the shell that runs commands if zx found no bash. */
import { existsSync } from 'node:fs'
import { platform } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Options } from 'zx'
import type { Host } from '../host/host.ts'

type ShellChoice = Partial<Pick<Options, 'shell' | 'prefix' | 'postfix' | 'quote'>>

/**
 * Returns nothing if zx found bash. Otherwise returns the first of these on the `PATH`: bash (zx does not find it if Deno
 * may not ask who the user is), sh, pwsh, powershell. Without any of them, a command reports that bash is missing.
 */
export function findShell(
  zx: { defaults: Pick<Options, 'quote'>; quote: typeof quotePosix; quotePowerShell: typeof quotePosix },
  env: Host['env'],
): ShellChoice {
  if (zx.defaults.quote) return {}
  const bash = { prefix: 'set -euo pipefail;', postfix: '', quote: zx.quote }
  const powerShell = { prefix: '', postfix: '; exit $LastExitCode', quote: zx.quotePowerShell }
  const choices: Readonly<Record<string, ShellChoice>> = {
    bash,
    sh: { prefix: 'set -eu;', postfix: '', quote: quotePosix },
    pwsh: powerShell,
    powershell: powerShell,
  }
  for (const [name, choice] of Object.entries(choices)) {
    const shell = onPath(name, env)
    if (shell !== undefined) return { shell, ...choice }
  }
  return { shell: 'bash', ...bash }
}

// --- internal ---

function onPath(name: string, env: Host['env']): string | undefined {
  const file = platform() === 'win32' ? `${name}.exe` : name
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path))
}

/** zx quotes as `$'…'`, which not every sh supports. */
function quotePosix(value: string): string {
  return /^[\w/.\-@:=]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}
