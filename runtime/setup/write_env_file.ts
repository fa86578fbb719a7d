/** Writes settings as a `.env` file that our own reader gives back unchanged, whichever runtime reads it. */
import { existsSync, realpathSync } from 'node:fs'
import { UsageError, WfgError } from '../core/errors.ts'
import { systemCode } from '../core/system_code.ts'
import { createFile, PRIVATE, replaceFile } from '../host/replace_file.ts'
import { BACKUP_SUFFIX, envValues, readEnvText } from '../settings/env_file.ts'

export interface EnvFile {
  /** In the order in which they are written. */
  readonly settings: Readonly<Record<string, string>>
  /** Names that are written without a value, so that a weaker file's is not used. */
  readonly silenced: readonly string[]
  /** Names whose former lines do not stay: whatever stands there belongs to what is replaced. */
  readonly replaces: readonly string[]
}

export interface WrittenFile {
  /** Where the former file is; undefined where there was none. */
  readonly backup: string | undefined
  /** Names that were taken over from it. */
  readonly kept: readonly string[]
  /** Names that were there and are no longer. */
  readonly dropped: readonly string[]
}

/**
 * Private from its creation (0600). A former file stays as `FILE.bak`, and what it says of other names is taken over.
 *
 * @throws {UsageError} `WFG_USAGE` for a value that no such file can hold
 * @throws {WfgError} when the system does not let it be written
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
    throw new WfgError(`Cannot write ${JSON.stringify(path)}: ${systemCode(cause)}. What was there is unchanged.`, {
      cause,
    })
  }
}

/** The value as it stands after `NAME=`; undefined where no way of writing it is read back by every runtime. */
export function quoteValue(value: string): string | undefined {
  if (/^[\w./:@+-]*$/.test(value)) return value
  if (!value.includes("'")) return `'${value}'`
  // Between these, \n is a line break.
  if (!/["\\]/.test(value)) return `"${value}"`
  if (!value.includes('`')) return `\`${value}\``
  return /^[^\s"'`#][^#\r\n]*$/.test(value) && !/\s$/.test(value) ? value : undefined
}

// --- internal ---

function render({ settings, silenced }: EnvFile, kept: readonly (readonly [string, string])[]): string {
  const others = kept.map(([name, value]) => line(name, value))
  return [
    '# Settings of wfg; .env.example explains each. Whoever has the client secret acts as you: keep this file to yourself.',
    ...Object.entries(settings).map(([name, value]) => line(name, value)),
    ...(silenced.length > 0 ? ['', '# Set in .env, and not used with this profile.'] : []),
    ...silenced.map((name) => `${name}=`),
    ...(others.length > 0 ? ['', '# As it was before.'] : []),
    ...others,
    '',
  ].join('\n')
}

function line(name: string, value: string): string {
  const quoted = quoteValue(value)
  if (quoted !== undefined) return `${name}=${quoted}`
  throw new UsageError(
    `Cannot write ${name} into a .env file: its value holds all kinds of quotes, and nothing was written. ` +
      'Give it in the environment instead, or a client secret in a file of its own (WFG_CLIENT_SECRET_FILE).',
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
