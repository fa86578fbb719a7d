/** Reads the `.env` files of a folder. */
import { readdirSync, readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.ts'
import { systemCode, systemReason } from '../core/system_code.ts'
import { decodeText } from '../core/text_values.ts'
import { quotedPath } from '../core/visible.ts'
import { SECRET_NAMES } from '../host/host.ts'

/** Suffix of a former `.env` file. A file with it is not a profile. */
export const BACKUP_SUFFIX = '.bak'

export interface EnvFile {
  readonly values: Readonly<Record<string, string>>
  /** Names of secrets whose value an unquoted `#` cut short. Other settings are shown, so the mistake is visible. */
  readonly cut: ReadonlySet<string>
}

/**
 * The names of a folder's `.env` files, without `.env.example`.
 *
 * @throws {ConfigError} `WFG_CONFIG` if the folder may not be listed: it might hold settings
 */
export function envFiles(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /^\.env(\.|$)/.test(name) && name !== EXAMPLE_FILE)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return []
    throw new ConfigError(
      `Cannot look for settings in ${quotedPath(directory)}: ${reasonFor(error)}; it must be a folder that you may read.`,
    )
  }
}

/**
 * What the file sets; nothing if there is no file.
 *
 * @throws {ConfigError} `WFG_CONFIG` if the file cannot be read, is not UTF-8, or has a line that is not a setting
 */
export function readEnvFile(path: string): EnvFile {
  const text = readEnvText(path)
  checkLines(text, path)
  return {
    values: envValues(text),
    cut: new Set(SECRET_NAMES.filter((name) => isCut(text, name))),
  }
}

/**
 * The file's text; empty if there is no file.
 *
 * @throws {ConfigError} `WFG_CONFIG` if the file cannot be read or is not UTF-8
 */
export function readEnvText(path: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return ''
    throw new ConfigError(
      `Cannot read the settings in ${quotedPath(path)}: ${reasonFor(error)}; it must be a text file that you may read.`,
    )
  }
  const text = decodeText(bytes)
  if (text !== undefined) return text
  throw new ConfigError(
    `Cannot read the settings in ${quotedPath(path)}: it is neither UTF-8 nor UTF-16 with a byte order mark; save it again with the encoding UTF-8.`,
  )
}

/**
 * What the lines of a `.env` file set, read as Node 26 does, on every runtime. Deno, Bun and older versions of Node read
 * some quotes and backslashes in another way. Only in a path of Windows, such as "C:\new.txt", `\n` is no line break.
 */
export function envValues(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [, name, quote, quoted, unclosed, plain = ''] of text.replaceAll('\r', '').matchAll(SETTING)) {
    const value = quoted ?? (unclosed ?? plain).trim()
    values[name!] = quote === '"' && !WINDOWS_PATH.test(value) ? value.replaceAll('\\n', '\n') : value
  }
  return values
}

// --- internal ---

const EXAMPLE_FILE = '.env.example'
const WINDOWS_PATH = /^(?:[a-z]:\\|\\\\)/i

/** Refuses a line that is not `NAME=value`: other readers of `.env` files silently ignore it. */
function checkLines(text: string, path: string): void {
  const keepLines = (value: string) => value.replace(/[^\n]/g, '')
  const lines = text.replace(QUOTED, (_match, start: string, value: string) => start + keepLines(value)).split(/\r?\n/)
  const wrong = lines.flatMap((line, index) => (SETS_OR_SAYS_NOTHING.test(line) ? [] : [index + 1]))
  if (wrong.length === 0) return
  const [places, are] = wrong.length === 1 ? ['line', 'is'] : ['lines', 'are']
  throw new ConfigError(
    `Cannot use the settings in ${quotedPath(path)}: ${places} ${wrong.slice(0, 5).join(', ')} ${are} not NAME=value; ` +
      'put the name, a = and the value on one line, or start a comment with #.',
  )
}

/** A value in quotes may span lines. The rest of its last line is ignored, as a comment is. */
const SETTING =
  /^[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)[^\S\n]*=[^\S\n]*(?:(["'`])([\s\S]*?)\2.*|(["'`].*)|([^#\n]*).*)$/gm

/** The start of a setting, and its value in quotes. */
const QUOTED = /^([ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*)((["'`])[\s\S]*?\3)/gm
const SETS_OR_SAYS_NOTHING = /^\uFEFF?\s*(?:#.*|(?:export\s+)?[\w.-]+\s*=.*)?$/

/** True if the last line of that name has a `#` inside its unquoted value. After a space, `#` starts a comment. */
function isCut(text: string, name: string): boolean {
  const line = [...text.matchAll(new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=(.*)$`, 'gm'))].at(-1)?.[1]
  return line !== undefined && /^(?!\s*['"`])(?:[^#]*[^\s#])?#/.test(line)
}

function reasonFor(error: unknown): string {
  const code = systemCode(error)
  if (code === 'EACCES' || code === 'EPERM' || code === 'NotCapable') return 'permission denied'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'ENOTDIR') return 'it is not a folder'
  return systemReason(error)
}
