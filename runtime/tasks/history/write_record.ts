/** Writes down how a run ended: who, where, what with, and what became of it; no secret, and no value that may be one. */
import { randomBytes } from 'node:crypto'
import { lstatSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { appendPrivateFile, makePrivateFolder } from '../../auth/private_file.ts'
import { reason } from '../../auth/token_file.ts'
import { isWfgError } from '../../errors.ts'
import { SECRET_NAMES } from '../../host.ts'
import { addSecret } from '../../redact.ts'
import type { Session } from '../session.ts'
import { currentCommit } from './commit.ts'
import { historyFolder, settingsFor } from './history_folder.ts'
import type { Outcome, RunRecord } from './record.ts'
import type { RunEnd, RunFacts } from './recording.ts'

/** In the folder of the user's state. */
export const HISTORY_FILE = 'runs.ndjson'
/** From this size on the file becomes the older half, in place of the one before it. */
export const MAX_BYTES = 512 * 1024
export const MASK = '[secret]'

/**
 * Never throws: what cannot be written is said with `--verbose`, and costs the record alone.
 *
 * @returns what there is left to do with it
 */
export function writeRecord(session: Session, facts: RunFacts, end: RunEnd): Written {
  const { host } = session
  const written: { -readonly [K in keyof Written]: Written[K] } = {}
  try {
    const { profile, settings } = settingsFor(host, session.directory, facts.flags.profile)
    for (const name of SECRET_NAMES) addSecret(host.redactor, settings[name]?.value ?? '')
    written.databaseUrl = settings['WFG_DATABASE_URL']?.value.trim() || undefined
    const folder = historyFolder(host, settings)
    const isKept = folder !== undefined && host.isAllowed('read', folder) && host.isAllowed('write', folder)
    if (!isKept && written.databaseUrl === undefined) return written
    written.record = recordOf(session, facts, end, profile)
    if (!isKept) return written
    makePrivateFolder(folder, host.userId())
    const file = join(folder, HISTORY_FILE)
    // Also where nothing more fits.
    const isFull = (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) >= MAX_BYTES
    if (isFull) written.fullFile = file
    appendPrivateFile(file, `${JSON.stringify(written.record)}\n`, host.userId())
  } catch (error) {
    if (session.run.verbose) void host.stderr.write(`history: the run is not in it (${reason(error)})\n`)
  }
  return written
}

/** What became of the record of a run. */
export interface Written {
  /** Undefined where it is kept nowhere. */
  readonly record?: RunRecord
  /** The file, where it is due to be rotated. */
  readonly fullFile?: string
  /** Where others look for it. */
  readonly databaseUrl?: string | undefined
}

/** Short enough to type; of the letters and digits that nobody takes for another one. */
export function newRunId(): string {
  return [...randomBytes(ID_LENGTH)].map((byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('')
}

// --- internal ---

const ID_LENGTH = 8
const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const MAX_ARGUMENTS_LENGTH = 8192
const MAX_MESSAGE_LENGTH = 500

const OUTCOMES: ReadonlyMap<number, Outcome> = new Map([
  [0, 'done'],
  [5, 'incomplete'],
  [7, 'refused'],
  [124, 'timed out'],
  [130, 'interrupted'],
  [143, 'interrupted'],
])

function recordOf(session: Session, facts: RunFacts, { exitCode, error }: RunEnd, profile?: string): RunRecord {
  const { host, directory, operations } = session
  const connection = session.connected()
  const isDry = facts.flags.dryRun || (connection?.config.dryRun ?? session.isDry(facts.flags.profile))
  return {
    v: 1,
    id: facts.id ?? newRunId(),
    startedAt: new Date(facts.startedAtMs).toISOString(),
    durationMs: Math.round(host.monotonicMs() - facts.startedMs),
    host: host.isAllowed('sys', 'hostname') ? host.hostname() : undefined,
    osUser: host.userName() ?? host.userId(),
    actingUser: connection?.user,
    profile,
    directory: realPath(directory),
    task: facts.task,
    file: facts.file === undefined ? undefined : relative(directory, facts.file).split(sep).join('/'),
    ...argumentsOf(session, facts),
    dryRun: isDry || undefined,
    operations: Object.fromEntries(operations),
    outcome: OUTCOMES.get(exitCode) ?? 'failed',
    exitCode,
    error: errorOf(session, error),
    commit: currentCommit(host, directory),
  }
}

function argumentsOf({ host }: Session, { given, argv }: RunFacts): Pick<RunRecord, 'args' | 'argv' | 'withheld'> {
  let isMasked = false
  const masked = (text: string): string => {
    const shown = host.redactor.text(text)
    isMasked ||= shown !== text
    return shown
  }
  const secrets = new Set(given?.parameters.flatMap(({ key, secret }) => (secret ? key : [])))
  const argument = ([key, value]: [string, unknown]): [string, unknown] => {
    if (!secrets.has(key)) return [key, asJson(value, masked)]
    isMasked = true
    return [key, MASK]
  }
  const args = given && Object.fromEntries(Object.entries(given.values).map(argument))
  const written = args ? { args } : argv ? { argv: argv.map(masked) } : {}
  if (JSON.stringify(written).length > MAX_ARGUMENTS_LENGTH) return { withheld: 'long' }
  return { ...written, withheld: isMasked ? 'secret' : undefined }
}

/** JSON has no dates and no large integers; they are read back by the schema's kind. */
function asJson(value: unknown, masked: (text: string) => string): unknown {
  if (typeof value === 'string') return masked(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((each) => asJson(each, masked))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asJson(each, masked)]))
}

/** By whichever way the folder was reached, it is one. */
export function realPath(directory: string): string {
  try {
    return realpathSync(directory)
  } catch {
    return directory
  }
}

/** A bug's stack and what follows the first line are for whoever was there. */
function errorOf({ host }: Session, error: unknown): RunRecord['error'] {
  if (error === undefined) return undefined
  const message = error instanceof Error ? error.message : `it threw a value of type ${typeof error}`
  const [line = ''] = host.redactor.text(message).trim().split('\n')
  return { ...(isWfgError(error) ? { code: error.code } : {}), message: line.slice(0, MAX_MESSAGE_LENGTH) }
}
