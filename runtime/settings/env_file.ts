/** The `.env` files of a folder, and what can be wrong with them. */
import { readdirSync, readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.ts'
import { systemCode } from '../core/system_code.ts'
import { SECRET_NAMES } from '../host/host.ts'

/** What a former `.env` file is called after; such a file is no profile's. */
export const BACKUP_SUFFIX = '.bak'

export interface EnvFile {
  readonly values: Readonly<Record<string, string>>
  /** Names of secrets whose value an unquoted `#` cut short. Of other settings one sees it; a secret nobody sees again. */
  readonly cut: ReadonlySet<string>
}

/**
 * The names of a folder's `.env` files, without `.env.example`.
 *
 * @throws {ConfigError} `WFG_CONFIG` for a folder that may not be listed: it might hold settings
 */
export function envFiles(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /^\.env(\.|$)/.test(name) && name !== EXAMPLE_FILE)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return []
    throw new ConfigError(
      `Cannot look for settings in ${JSON.stringify(directory)}: ${reasonFor(code)}; it must be a folder that you may read.`,
    )
  }
}

/**
 * What the file sets; nothing where there is none.
 *
 * @throws {ConfigError} `WFG_CONFIG` for a file that cannot be read, is not UTF-8, or has a line that sets nothing
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
 * The file's text; empty where there is none.
 *
 * @throws {ConfigError} `WFG_CONFIG` for a file that cannot be read, or is not UTF-8
 */
export function readEnvText(path: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return ''
    throw new ConfigError(
      `Cannot read the settings in ${JSON.stringify(path)}: ${reasonFor(code)}; it must be a text file that you may read.`,
    )
  }
  // Windows PowerShell writes UTF-16 unless told otherwise, and its names would be silently missed.
  const text = bytes.includes(0) ? undefined : decodeUtf8(bytes)
  if (text !== undefined) return text
  throw new ConfigError(
    `Cannot read the settings in ${JSON.stringify(path)}: it is not UTF-8 text; save it again with the encoding UTF-8.`,
  )
}

/**
 * What the lines of a `.env` file set, read as Node 26 does, on every runtime. Deno, Bun and older versions of Node read
 * some quotes and backslashes in another way.
 */
export function envValues(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [, name, quote, quoted, unclosed, plain = ''] of text.replaceAll('\r', '').matchAll(SETTING)) {
    values[name!] = quote === '"' ? quoted!.replaceAll('\\n', '\n') : (quoted ?? (unclosed ?? plain).trim())
  }
  return values
}

// --- internal ---

const EXAMPLE_FILE = '.env.example'

/** Whoever reads such a file passes over what is no `NAME=value` without a word. */
function checkLines(text: string, path: string): void {
  const keepLines = (value: string) => value.replace(/[^\n]/g, '')
  const lines = text.replace(QUOTED, (_match, start: string, value: string) => start + keepLines(value)).split(/\r?\n/)
  const wrong = lines.flatMap((line, index) => (SETS_OR_SAYS_NOTHING.test(line) ? [] : [index + 1]))
  if (wrong.length === 0) return
  const [places, are] = wrong.length === 1 ? ['line', 'is'] : ['lines', 'are']
  throw new ConfigError(
    `Cannot use the settings in ${JSON.stringify(path)}: ${places} ${wrong.slice(0, 5).join(', ')} ${are} no NAME=value; ` +
      'put the name, a = and the value on one line, or # before what is a comment.',
  )
}

/** A value in quotes may span lines. The rest of its last line is ignored, as a comment is. */
const SETTING =
  /^[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)[^\S\n]*=[^\S\n]*(?:(["'`])([\s\S]*?)\2.*|(["'`].*)|([^#\n]*).*)$/gm

/** The start of a setting, and its value in quotes. */
const QUOTED = /^([ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*)((["'`])[\s\S]*?\3)/gm
const SETS_OR_SAYS_NOTHING = /^\uFEFF?\s*(?:#.*|(?:export\s+)?[\w.-]+\s*=.*)?$/

/** Whether the last line of that name has a `#` amid its unquoted value. One after a space begins a comment that was meant. */
function isCut(text: string, name: string): boolean {
  const line = [...text.matchAll(new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=(.*)$`, 'gm'))].at(-1)?.[1]
  return line !== undefined && /^(?!\s*['"`])(?:[^#]*[^\s#])?#/.test(line)
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function reasonFor(code: string): string {
  if (code === 'EACCES' || code === 'EPERM' || code === 'NotCapable') return 'permission denied'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'ENOTDIR') return 'it is no folder'
  return code
}
