/** Writes the records of a run: who started it, where, with which arguments, and how it ended. Secrets are masked. */
import { lstatSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { isWfgError } from '../../core/errors.ts'
import { addSecret } from '../../core/redact.ts'
import { type Host, SECRET_NAMES } from '../../host/host.ts'
import { appendPrivateFile, fileProblem, makePrivateFolder } from '../../host/private_file.ts'
import { ownIdentity } from '../../host/process_identity.ts'
import { knownPath } from '../../host/windows_name.ts'
import type { Session } from '../run/session.ts'
import { currentCommit } from './commit.ts'
import { HISTORY_FILE, historyFolder, MAX_BYTES, settingsFor } from './history_folder.ts'
import type { Outcome, RunRecord } from './record.ts'
import type { RunEnd, RunFacts } from './run_facts.ts'
import { newRunId } from './run_id.ts'

export const MASK = '[secret]'

/** Where the records of a run are written, and what they have in common. */
export interface KeptRun {
  /** Undefined if we may write no file. */
  readonly folder: string | undefined
  /** The database that other computers read as well. */
  readonly databaseUrl: string | undefined
  readonly common: Pick<RunRecord, 'v' | 'id' | 'startedAt' | 'host' | 'osUser' | 'profile'> & RunPlace
}

type RunPlace = Pick<RunRecord, 'directory' | 'task' | 'file' | 'commit'>

/** Undefined if no record is written anywhere. */
export function keptRun(session: Session, facts: RunFacts): KeptRun | undefined {
  const { host, directory } = session
  const { profile, settings } = settingsFor(host, directory, facts.flags.profile)
  for (const name of SECRET_NAMES) addSecret(host.redactor, settings[name]?.value ?? '')
  const databaseUrl = settings['WFG_DATABASE_URL']?.value.trim() || undefined
  const found = historyFolder(host, settings)
  const isAllowed = found !== undefined && host.isAllowed('read', found) && host.isAllowed('write', found)
  const folder = isAllowed ? found : undefined
  if (folder === undefined && databaseUrl === undefined) return undefined
  const common = {
    v: 1 as const,
    id: facts.id ?? newRunId(),
    startedAt: new Date(facts.startedAtMs).toISOString(),
    host: computerName(host),
    osUser: host.userName() ?? host.userId(),
    profile,
    directory: knownPath(directory),
    task: facts.task,
    file: facts.file === undefined ? undefined : relative(directory, facts.file).split(sep).join('/'),
    commit: currentCommit(host, directory),
  }
  return { folder, databaseUrl, common }
}

/**
 * Writes the record of the start, or of the end. Never throws: `--verbose` tells if the file cannot be written.
 *
 * @returns the record, and the file if it is full
 */
export function writeRecord(
  session: Session,
  facts: RunFacts,
  { folder, common }: KeptRun,
  end?: RunEnd,
): { readonly record: RunRecord; readonly fullFile: string | undefined } {
  const record: RunRecord = {
    ...common,
    ...argumentsOf(session, facts),
    dryRun: isDry(session, facts),
    isolated: facts.flags.isolated || undefined,
    mutations: facts.flags.mutations,
    operations: Object.fromEntries(session.operations),
    ...(end
      ? {
          durationMs: Math.round(session.host.monotonicMs() - facts.startedMs),
          actingUser: session.connected()?.user,
          outcome: OUTCOMES.get(end.exitCode) ?? 'failed',
          exitCode: end.exitCode,
          error: errorOf(session, end.error),
        }
      : { outcome: 'running', process: ownIdentity(session.host) }),
  }
  return { record, fullFile: append(session, folder, record) }
}

/** Undefined if Deno does not allow us to read it. */
export function computerName(host: Pick<Host, 'hostname' | 'isAllowed'>): string | undefined {
  return host.isAllowed('sys', 'hostname') ? host.hostname() : undefined
}

// --- internal ---

const MAX_ARGUMENTS_LENGTH = 8192
const MAX_MESSAGE_LENGTH = 2000

const OUTCOMES: ReadonlyMap<number, Outcome> = new Map([
  [0, 'done'],
  [5, 'incomplete'],
  [7, 'refused'],
  [124, 'timed out'],
  [130, 'interrupted'],
  [143, 'interrupted'],
])

/** Returns the file if it is full, even if the record could not be added. */
function append(
  { host, runSettings }: Pick<Session, 'host' | 'runSettings'>,
  folder: string | undefined,
  record: RunRecord,
): string | undefined {
  if (folder === undefined) return undefined
  const file = join(folder, HISTORY_FILE)
  let isFull = false
  try {
    makePrivateFolder(folder, host.userId())
    isFull = (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) >= MAX_BYTES
    appendPrivateFile(file, `${JSON.stringify(record)}\n`, host.userId())
  } catch (error) {
    if (runSettings.verbose && record.outcome !== 'running')
      void host.stderr.write(`history: the record could not be written (${fileProblem(error)})\n`)
  }
  return isFull ? file : undefined
}

function isDry(session: Session, { flags }: RunFacts): true | undefined {
  return flags.dryRun || (session.connected()?.config.dryRun ?? session.isDry(flags.profile)) || undefined
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

/** JSON has no dates and no large integers: they become texts, which an arguments file may have in their place. */
function asJson(value: unknown, masked: (text: string) => string): unknown {
  if (typeof value === 'string') return masked(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((each) => asJson(each, masked))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asJson(each, masked)]))
}

/** Without the stack. */
function errorOf({ host }: Session, error: unknown): RunRecord['error'] {
  if (error === undefined) return undefined
  const message = error instanceof Error ? error.message : `it threw a value of type ${typeof error}`
  const text = host.redactor.text(message).trim()
  return { ...(isWfgError(error) ? { code: error.code } : {}), message: text.slice(0, MAX_MESSAGE_LENGTH) }
}
