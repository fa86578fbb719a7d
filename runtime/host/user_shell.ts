/** The shell in which a person types, and how a command is written there. */
import process from 'node:process'
import { type DenoPermissions, mayUse } from './deno_rights.ts'

export type UserShell = 'posix' | 'powershell' | 'cmd'

/**
 * Returns the shell that started this process, as far as the environment tells: PowerShell adds a folder to `PSModulePath`,
 * and Git's bash sets `MSYSTEM`.
 *
 * @see https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_psmodulepath
 */
export function userShell(
  platform: string = process.platform,
  env: Readonly<Record<string, string | undefined>> = environment(),
): UserShell {
  if (platform !== 'win32' || env['MSYSTEM']) return 'posix'
  return (env['PSModulePath'] ?? '').split(';').some(isOfPowerShell) ? 'powershell' : 'cmd'
}

/**
 * Returns the name under which `npm` or `npx` can be typed. PowerShell finds `npx.ps1` first, which it may refuse to run and
 * which drops `--`.
 */
export function packageProgram(name: 'npm' | 'npx', shell = userShell()): string {
  return shell === 'powershell' ? `${name}.cmd` : name
}

/** Returns the word as it is typed, in quotes if it needs them. */
export function typedWord(text: string, shell = userShell()): string {
  const plain = shell === 'posix' ? /^[\w./:=-][\w./:@=-]*$/ : /^[\w./:\\-][\w./:@\\-]*$/
  if (plain.test(text)) return text
  if (shell === 'cmd') return windowsWord(text)
  if (shell === 'powershell') return powerShellWord(text)
  // Double quotes are known to every shell, and single quotes to these.
  return /["\\$`!]/.test(text) ? posixWord(text) : `"${text}"`
}

/** Returns the line that sets a variable for the commands that follow. */
export function typedVariable(name: string, value: string, shell = userShell()): string {
  if (shell === 'cmd') return `set "${name}=${value}"`
  if (shell === 'powershell') return `$env:${name} = ${singleQuoted(value)}`
  return `export ${name}=${posixWord(value)}`
}

/** Quotes one word for a POSIX shell. */
export function posixWord(text: string): string {
  return /^[\w./:@=+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** Quotes one word as programs of Windows read their command line (CommandLineToArgvW). */
export function windowsWord(text: string): string {
  if (/^[\w./:@=+,\\-]+$/.test(text)) return text
  return `"${escaped(text)}"`
}

// --- internal ---

function environment() {
  return { MSYSTEM: variable('MSYSTEM'), PSModulePath: variable('PSModulePath') }
}

/** On Deno a process may lack the right to a variable. It then counts as not set. */
function variable(name: string): string | undefined {
  const { Deno } = globalThis as { Deno?: { permissions: DenoPermissions } }
  return process.versions['deno'] && Deno && !mayUse(Deno.permissions, 'env', name) ? undefined : process.env[name]
}

/** True for the folder of modules of a person, or of PowerShell 7. Other programs add folders below `Program Files`. */
function isOfPowerShell(folder: string): boolean {
  if (/\\PowerShell\\7.*\\Modules\\?$/i.test(folder)) return true
  return /\\(Windows)?PowerShell\\Modules\\?$/i.test(folder) && !/\\Program Files/i.test(folder)
}

/**
 * PowerShell takes the outer quotes off, and adds some if there is a space. The batch file `npx.cmd` would take a bare `&`
 * for the end of the command, so it is handed quotes of its own.
 */
function powerShellWord(text: string): string {
  if (/[&|<>^]/.test(text) && !/\s/.test(text)) return singleQuoted(`"${escaped(text)}"`)
  return /["“”„$`]|\\$/.test(text) ? singleQuoted(escaped(text)) : `"${text}"`
}

/** PowerShell takes curly quotes for straight ones. */
function singleQuoted(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`
}

function escaped(text: string): string {
  return text.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')
}
