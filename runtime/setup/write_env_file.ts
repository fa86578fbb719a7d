/** Writes settings to a `.env` file that every runtime reads back unchanged. */
import { existsSync, realpathSync } from 'node:fs'
import { UsageError, WfgError } from '../core/errors.ts'
import { systemCode, systemReason } from '../core/system_code.ts'
import { quotedPath } from '../core/visible.ts'
import { createFile, PRIVATE, replaceFile } from '../host/replace_file.ts'
import { BACKUP_SUFFIX, envValues, readEnvText } from '../settings/env_file.ts'

export interface EnvFile {
  /** Written in this order. */
  readonly settings: Readonly<Record<string, string>>
  /** Names written without a value, so that their values in `.env` are not used. */
  readonly silenced: readonly string[]
  /** Names whose lines in the former file are not kept. */
  readonly replaces: readonly string[]
}

export interface WrittenFile {
  /** Path of the former file; undefined if there was none. */
  readonly backup: string | undefined
  /** Names whose values were kept from the former file. */
  readonly kept: readonly string[]
  /** Names that were in the former file and are not in the new one. */
  readonly dropped: readonly string[]
}

/**
 * Creates the file with mode 0600. A former file stays as `FILE.bak`, and its other settings are kept.
 *
 * @throws {UsageError} `WFG_USAGE` for a value that a .env file cannot hold
 * @throws {WfgError} if the file cannot be written
 */
export function writeEnvFile(path: string, file: EnvFile): WrittenFile {
  const exists = existsSync(path)
  const former = exists ? readEnvText(path) : ''
  const names = new Set([...Object.keys(file.settings), ...file.silenced])
  const entries = Object.entries(envValues(former))
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  const kept = entries.filter(([name]) => !file.replaces.includes(name) && !names.has(name))
  const dropped = entries.map(([name]) => name).filter((name) => file.replaces.includes(name) && !names.has(name))
  const text = render(file, kept)
  try {
    const backup = exists ? keepFormer(path, former) : undefined
    // A link stays a link.
    if (exists) replaceFile(realpathSync(path), text, PRIVATE)
    else createFile(path, text, PRIVATE)
    return { backup, kept: kept.map(([name]) => name), dropped }
  } catch (cause) {
    throw new WfgError(`Cannot write ${quotedPath(path)}: ${systemReason(cause)}. Nothing was changed.`, { cause })
  }
}

/** Returns the value as written after `NAME=`; undefined if not every runtime could read it back. */
export function quoteValue(value: string): string | undefined {
  if (/^[\w./:@+-]*$/.test(value)) return value
  if (!value.includes("'")) return `'${value}'`
  // Between double quotes, \n is a line break.
  if (!/["\\]/.test(value)) return `"${value}"`
  if (!value.includes('`')) return `\`${value}\``
  return /^[^\s"'`#][^#\r\n]*$/.test(value) && !/\s$/.test(value) ? value : undefined
}

// --- internal ---

function render({ settings, silenced }: EnvFile, kept: readonly (readonly [string, string])[]): string {
  const others = kept.map(([name, value]) => line(name, value))
  return [
    '# Settings of wfg; .env.example explains each. Whoever has the client secret can act as you, so keep this file private.',
    ...Object.entries(settings).map(([name, value]) => line(name, value)),
    ...(silenced.length > 0 ? ['', '# Set in .env, but not used with this profile.'] : []),
    ...silenced.map((name) => `${name}=`),
    ...(others.length > 0 ? ['', '# From the former file.'] : []),
    ...others,
    '',
  ].join('\n')
}

function line(name: string, value: string): string {
  const quoted = quoteValue(value)
  if (quoted !== undefined) return `${name}=${quoted}`
  throw new UsageError(
    `Cannot write ${name} into a .env file: its value contains every kind of quote. Nothing was written. ` +
      'Set it in the environment instead, or save a client secret in a file of its own (WFG_CLIENT_SECRET_FILE).',
  )
}

function keepFormer(path: string, text: string): string {
  for (let number = 1; ; number++) {
    const backup = `${path}${number === 1 ? '' : `.${number}`}${BACKUP_SUFFIX}`
    try {
      createFile(backup, text, PRIVATE)
      return backup
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error
    }
  }
}
