/** Finds the shell that runs the commands of `$`. */
import { existsSync } from 'node:fs'
import { platform } from 'node:os'
import { basename, delimiter, isAbsolute, join } from 'node:path'
import type { Options } from 'zx'
import { ConfigError, UsageError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'
import type { Host } from '../host/host.ts'

export type ShellKind = (typeof KINDS)[number]

export interface FoundShell {
  readonly kind: ShellKind
  readonly path: string
}

/**
 * Returns the shell of the setting WFG_SHELL. Without it, the first of bash, sh, pwsh and powershell on the `PATH`; undefined
 * if there is none.
 *
 * @param wanted a name, or the path of a program with such a name
 * @throws {ConfigError} `WFG_CONFIG` if it is no shell, or there is no such program
 */
export function findShell(env: Host['env'], wanted: string | undefined): FoundShell | undefined {
  if (!wanted) {
    for (const kind of FOUND_BY_ITSELF) {
      const path = onPath(kind, env)
      if (path !== undefined) return { kind, path }
    }
    return undefined
  }
  const name = basename(wanted.replaceAll('\\', '/'))
    .replace(/\.exe$/i, '')
    .toLowerCase()
  const kind = KINDS.find((each) => each === name)
  if (!kind) throw unusable(`it is ${quotedPath(wanted)}; expected ${KINDS.join(', ')}, or the path of one of them`)
  const path = isAbsolute(wanted) ? (existsSync(wanted) ? wanted : undefined) : onPath(kind, env)
  if (path === undefined) throw unusable(`there is no ${quotedPath(wanted)}${isAbsolute(wanted) ? '' : ' on the PATH'}`)
  return { kind, path }
}

/** Returns what zx is told of a shell. */
export function shellOptions(
  { kind, path }: FoundShell,
  zx: { quote: typeof quotePosix; quotePowerShell: typeof quotePosix },
): Pick<Options, 'shell' | 'prefix' | 'postfix'> & { quote: typeof quotePosix } {
  const powerShell = { prefix: '', postfix: '; exit $LastExitCode', quote: zx.quotePowerShell }
  const choices = {
    bash: { prefix: 'set -euo pipefail;', postfix: '', quote: zx.quote },
    sh: { prefix: 'set -eu;', postfix: '', quote: quotePosix },
    pwsh: powerShell,
    powershell: powerShell,
    cmd: { prefix: '', postfix: '', quote: quoteCmd },
  }
  return { shell: path, ...choices[kind] }
}

// --- internal ---

const KINDS = ['bash', 'sh', 'pwsh', 'powershell', 'cmd'] as const
/** cmd must be chosen: its quoting is weak. */
const FOUND_BY_ITSELF = ['bash', 'sh', 'pwsh', 'powershell'] as const

function onPath(name: string, env: Host['env']): string | undefined {
  const file = platform() === 'win32' ? `${name}.exe` : name
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path))
}

function unusable(problem: string): ConfigError {
  return new ConfigError(`Cannot use the shell of WFG_SHELL: ${problem}.`)
}

/** zx quotes as `$'…'`, which not every sh supports. */
function quotePosix(value: string): string {
  return /^[\w/.\-@:=]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}

/** @throws {UsageError} `WFG_USAGE` for what cmd would change or run whatever stands around it */
function quoteCmd(value: string): string {
  if (/["%\r\n\0]/.test(value)) {
    throw new UsageError(
      'Cannot pass a value with a double quote, a % or a line end to cmd, which has no way to quote them. Set WFG_SHELL=powershell.',
    )
  }
  return /^[\w/.\-@:=\\]+$/.test(value) ? value : `"${value.replace(/\\+$/, '$&$&')}"`
}
