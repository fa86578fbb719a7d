/** The flags of the tool itself. They may be anywhere before `--`, and no script may use their names. */

import { UsageError } from '../../core/errors.ts'
import { refuseProblems } from '../../core/problems.ts'
import { quotedPath } from '../../core/visible.ts'
import { windowsNameProblem } from '../../host/windows_name.ts'
import { extensionProblem, FORMATS, type Format } from '../output/format.ts'

export interface ToolFlags {
  profile?: string
  dryRun?: boolean
  format?: Format
  out?: string
  yes?: boolean
  /** Name of the protected profile that is confirmed. */
  confirm?: string
  timeoutMs?: number
  verbose?: boolean
  quiet?: boolean
  noColor?: boolean
  raw?: boolean
  help?: boolean
  version?: boolean
  /** A file, or `-` for standard input. */
  argsFile?: string
  /** Keeps what the run prints. */
  keep?: boolean
  isolated?: boolean
  /** Limit for the mutations of an isolated run. */
  mutations?: number
}

export interface ToolFlag {
  readonly name: string
  readonly key: keyof ToolFlags
  /** Name of the value in help; undefined for a flag without one. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly description: string
}

/** A week. Timers overflow after three. */
const MAX_TIMEOUT_SECONDS = 604_800

/** In the order in which help shows them. */
export const toolFlags: readonly ToolFlag[] = [
  { name: 'profile', key: 'profile', value: 'NAME', description: 'settings of .env.NAME' },
  { name: 'dry-run', key: 'dryRun', description: 'print mutations instead of sending them' },
  {
    name: 'format',
    key: 'format',
    value: FORMATS.join('|'),
    choices: FORMATS,
    description: 'format of the result; a table on a terminal, else NDJSON',
  },
  { name: 'out', key: 'out', value: 'FILE', description: 'write the result to a file, in the format of its extension' },
  { name: 'yes', key: 'yes', description: "answer the script's questions with yes" },
  { name: 'confirm', key: 'confirm', value: 'PROFILE', description: 'allow writing with this protected profile' },
  { name: 'timeout', key: 'timeoutMs', value: 'SECONDS', description: 'end the run after this time' },
  { name: 'verbose', key: 'verbose', description: 'write more to standard error' },
  { name: 'quiet', key: 'quiet', description: 'write only errors to standard error' },
  { name: 'no-color', key: 'noColor', description: 'no colours' },
  { name: 'raw', key: 'raw', description: 'leave CSV cells that a spreadsheet takes for formulas' },
  { name: 'args-file', key: 'argsFile', value: 'FILE|-', description: 'read arguments from JSON; flags win' },
  { name: 'keep', key: 'keep', description: 'keep what the run prints, for runs show' },
  { name: 'isolated', key: 'isolated', description: 'run the script in a process that never holds the secret' },
  { name: 'mutations', key: 'mutations', value: 'N', description: 'let an isolated run send at most N mutations' },
  { name: 'help', key: 'help', description: 'usage' },
  { name: 'version', key: 'version', description: 'versions' },
]

/** True if the tool has a flag of this name (without dashes). */
export function isToolFlag(name: string): boolean {
  return byName.has(name)
}

/**
 * Takes the tool's flags that are before `--`. The last one of a repeated flag wins.
 *
 * @returns the flags, and all other arguments in order, including `--` and what follows it
 * @throws {UsageError} `WFG_USAGE` listing the values that are missing or unusable
 */
export function takeToolFlags(argv: readonly string[]): { flags: ToolFlags; rest: string[] } {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  const flags: Record<string, unknown> = {}
  const rest: string[] = []
  const problems: string[] = []
  for (let index = 0; index < end; index++) {
    const argument = argv[index]!
    const [, name, inline] = (argument === '-h' ? '--help' : argument).match(/^--([\w-]+)(?:=([\s\S]*))?$/) ?? []
    const flag = name === undefined ? undefined : byName.get(name)
    if (!flag) {
      rest.push(argument)
      continue
    }
    const next = index + 1 < end && !argv[index + 1]!.startsWith('--') ? argv[index + 1] : undefined
    if (flag.value !== undefined && inline === undefined && next !== undefined) index++
    const value = readValue(flag, flag.value === undefined ? inline : (inline ?? next))
    if (value === undefined) problems.push(`--${flag.name} ${wanted(flag)}`)
    else if (value === false) delete flags[flag.key]
    else flags[flag.key] = value
  }
  refuseProblems('Cannot read the command line', problems)
  return { flags, rest: [...rest, ...argv.slice(end)] }
}

/**
 * Checks `--out` before a run with a result. `takeToolFlags` does not, because a plain program may have its own `--out`.
 *
 * @throws {UsageError} `WFG_USAGE` if neither `--format` nor the extension names the format of the file, an Excel file has
 * none, or Windows has no such name
 */
export function checkOut({ out, format }: ToolFlags, system?: string): void {
  if (format === 'xlsx' && out === undefined) {
    throw new UsageError('Cannot print an Excel file: `--format xlsx` needs a file; add --out FILE.xlsx.')
  }
  if (out === undefined) return
  const cannot = `Cannot write ${quotedPath(out)}`
  const badName = windowsNameProblem(out, system)
  if (badName !== undefined) throw new UsageError(`${cannot}: ${badName}; choose another name.`)
  const problem = format === undefined ? extensionProblem(out) : undefined
  refuseProblems(cannot, problem ? [`${problem}, or add --format ${FORMATS.join('|')}`] : [])
}

// --- internal ---

const byName: ReadonlyMap<string, ToolFlag> = new Map(toolFlags.map((flag) => [flag.name, flag]))

function readValue(flag: ToolFlag, text: string | undefined): unknown {
  if (flag.value === undefined)
    return text === undefined || text === 'true' ? true : text === 'false' ? false : undefined
  if (text === undefined || text === '') return undefined
  if (flag.key === 'timeoutMs') return readSeconds(text)
  if (flag.key === 'mutations') return /^\d{1,9}$/.test(text) ? Number(text) : undefined
  return flag.choices && !flag.choices.includes(text) ? undefined : text
}

function readSeconds(text: string): number | undefined {
  const seconds = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : 0
  return seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS ? Math.max(1, Math.round(seconds * 1000)) : undefined
}

function wanted(flag: ToolFlag): string {
  if (flag.key === 'timeoutMs') return `needs seconds, more than 0 and at most ${MAX_TIMEOUT_SECONDS}`
  if (flag.key === 'mutations') return 'needs a whole number'
  if (flag.choices) return `needs one of: ${flag.choices.join(', ')}`
  return flag.value === undefined ? 'takes no value' : `needs a value: --${flag.name} ${flag.value}`
}
