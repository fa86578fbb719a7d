/** Finds who else can read a file on Windows, where a mode says nothing. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, win32 } from 'node:path'
import { promisify } from 'node:util'
import { quotedPath } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { typedWord } from '../../host/user_shell.ts'

/**
 * Returns a warning for each path that many users of the computer can read. Files below the user's profile folder are taken
 * for private, as Windows makes them.
 *
 * @param paths absolute paths of files and folders; one that does not exist is left out
 */
export async function windowsWarnings(
  { env, isAllowed, platform }: Pick<Host, 'env' | 'isAllowed' | 'platform'>,
  paths: readonly string[],
): Promise<string[]> {
  if (platform !== 'win32' || !VARIABLES.every((name) => isAllowed('env', name))) return []
  const program = win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'icacls.exe')
  const shared = paths.filter((path) => existsSync(path) && !isInProfile(path, env['USERPROFILE']))
  // Deno would ask a person whether icacls may run. Who may not write into the temporary folder is not asked.
  if (shared.length === 0 || !existsSync(program)) return []
  if (!isAllowed('write', tmpdir()) || !isAllowed('run', program)) return []
  const warnings = await Promise.all(
    shared.map(async (path) => {
      const readers = readersOf(await rightsOf(program, path))
      return readers.length > 0 ? [warningOf(path, readers, env)] : []
    }),
  )
  return warnings.flat()
}

/**
 * Returns the groups of many users that may read a file.
 *
 * @param rights what `icacls /save` writes: the same in all languages of Windows
 * @see https://learn.microsoft.com/windows/win32/secauthz/ace-strings
 */
export function readersOf(rights: string): string[] {
  if (/D:\w*NO_ACCESS_CONTROL/.test(rights)) return ['Everyone']
  const entries = [...rights.matchAll(/\(X?A;([^;)]*);([^;)]*);[^;)]*;[^;)]*;([^;)]+)/g)]
  const readers = entries.filter(([, flags = '', mask = '']) => !pairs(flags).includes('IO') && mayRead(mask))
  return [...new Set(readers.flatMap(([, , , user = '']) => GROUPS[user.replace(/^S-1-5-21-.*-513$/, 'DU')] ?? []))]
}

// --- internal ---

/** What is read below and by `tmpdir()`. On Deno, reading another variable is an error. */
const VARIABLES = ['SystemRoot', 'USERPROFILE', 'USERDOMAIN', 'USERNAME', 'TEMP', 'TMP']

/** Everyone who signs in belongs to these, or a whole domain. @see https://learn.microsoft.com/windows/win32/secauthz/sid-strings */
const GROUPS: Readonly<Record<string, string>> = {
  WD: 'Everyone',
  AU: 'Authenticated Users',
  BU: 'Users',
  BG: 'Guests',
  AN: 'Anonymous',
  IU: 'Interactive',
  NU: 'Network',
  DU: 'Domain Users',
}

/** FILE_READ_DATA, which is `CC` by its letters, GENERIC_ALL and GENERIC_READ. */
const READ_BITS = 0x1 | 0x10000000 | 0x80000000

function mayRead(mask: string): boolean {
  if (mask.startsWith('0x')) return (Number(mask) & READ_BITS) !== 0
  return pairs(mask).some((right) => ['FA', 'FR', 'GA', 'GR', 'CC'].includes(right))
}

function pairs(text: string): string[] {
  return text.match(/../g) ?? []
}

function isInProfile(path: string, profile: string | undefined): boolean {
  if (!profile) return false
  return !/^\.\.([\\/]|$)|^[a-z]:|^\\\\/i.test(win32.relative(profile, path))
}

/** Empty if icacls does not tell. */
async function rightsOf(program: string, path: string): Promise<string> {
  const file = join(tmpdir(), `wfg-${randomUUID()}.acl`)
  try {
    await promisify(execFile)(program, [path, '/save', file], { windowsHide: true, timeout: 10_000 })
    return readFileSync(file, 'utf16le')
  } catch {
    return ''
  } finally {
    rmSync(file, { force: true })
  }
}

function warningOf(path: string, readers: readonly string[], env: Host['env']): string {
  const user = [env['USERDOMAIN'], env['USERNAME']].filter(Boolean).join('\\')
  // Without (OI)(CI) nobody could read what is in the folder.
  const right = statSync(path).isDirectory() ? '(OI)(CI)F' : 'F'
  return (
    `other users of this computer can read ${quotedPath(path)}: ${readers.join(', ')}. ` +
    `Move it below your profile folder, or type: icacls ${typedWord(path)} /inheritance:r /grant:r ${typedWord(`${user}:${right}`)}`
  )
}
