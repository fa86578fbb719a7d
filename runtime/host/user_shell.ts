/** The shell in which a person types, and how a command is written there. */
import process from 'node:process'

/** `%USERPROFILE%\\Documents\\WindowsPowerShell\\Modules`, and that of PowerShell 7. */
const POWERSHELL_FOLDER = /\\Documents\\(Windows)?PowerShell\\Modules|\\PowerShell\\7[^;]*\\Modules/i

export type UserShell = 'posix' | 'powershell' | 'cmd'

/**
 * Returns the shell that started this process, as far as the environment tells: PowerShell adds a folder to `PSModulePath`,
 * and Git's bash sets `MSYSTEM`.
 *
 * @see https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_psmodulepath
 */
export function userShell(platform: string, env: Readonly<Record<string, string | undefined>>): UserShell {
  if (platform !== 'win32' || env['MSYSTEM']) return 'posix'
  return POWERSHELL_FOLDER.test(env['PSModulePath'] ?? '') ? 'powershell' : 'cmd'
}

const SHELL = userShell(process.platform, process.env)

/**
 * Returns the name under which `npm` or `npx` can be typed. PowerShell finds `npx.ps1` first, which it may refuse to run and
 * which drops `--`.
 */
export function packageProgram(name: 'npm' | 'npx', shell = SHELL): string {
  return shell === 'powershell' ? `${name}.cmd` : name
}

/** Returns the word as it is typed, in quotes if it needs them. */
export function typedWord(text: string, shell = SHELL): string {
  const plain = shell === 'posix' ? /^[\w./:=-][\w./:@=-]*$/ : /^[\w./:\\-][\w./:@\\-]*$/
  if (plain.test(text)) return text
  if (shell === 'cmd') return windowsWord(text)
  // Double quotes are known to every shell, and single quotes to these.
  const special = shell === 'posix' ? /["\\$`!]/ : /["$`]|\\$/
  if (!special.test(text)) return `"${text}"`
  return shell === 'posix' ? posixWord(text) : `'${escaped(text).replaceAll("'", "''")}'`
}

/** Returns the line that sets a variable for the commands that follow. */
export function typedVariable(name: string, value: string, shell = SHELL): string {
  if (shell === 'cmd') return `set "${name}=${value}"`
  if (shell === 'powershell') return `$env:${name} = '${value.replaceAll("'", "''")}'`
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

function escaped(text: string): string {
  return text.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')
}
