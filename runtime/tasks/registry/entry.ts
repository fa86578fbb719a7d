/** One entry of `tasks.ts`, as its author wrote it. */
import { didYouMean } from '../../core/nearest.ts'

export type Access = 'read' | 'write'

/** A task that runs before another one, with its arguments and the file of its result. */
export interface Need<Name extends string = string> {
  readonly task: Name
  /** By the names of the script's schema; texts become dates and large integers as in an arguments file. Default: none. */
  readonly args?: Readonly<Record<string, unknown>> | undefined
  /** File for its result, relative to `tasks.ts`, in the format of its extension. Default: the result is dropped. */
  readonly out?: string | undefined
}

/** When a task runs by itself: a worker starts it, or the scheduler that `export` wrote a file for. */
export interface Schedule {
  /** The five fields of cron, such as `0 2 * * *`: minute, hour, day of the month, month, day of the week. */
  readonly cron: string
  /** IANA name of the time zone that the fields are in. Default `UTC`. */
  readonly tz?: string | undefined
  /** By the names of the script's schema; texts become dates and large integers as in an arguments file. Default: none. */
  readonly args?: Readonly<Record<string, unknown>> | undefined
  /**
   * File for the result, relative to `tasks.ts`, in the format of its extension. `{date}` and `{time}` (`2026-11-29`, `0215`)
   * are those of the schedule in its zone, and `{id}` is the run's. Default: the worker keeps the result for `runs show`.
   */
  readonly out?: string | undefined
  /** What happens to times at which no worker ran. Default `skip`; `once` makes up for all of them with one run. */
  readonly missed?: 'skip' | 'once' | undefined
}

/** Runs a failed task again. Only its author knows whether that does harm. */
export interface Retry {
  /** How many further runs, 1 to 100. */
  readonly limit: number
  /** Delay before each of them, 0 to 86,400. Default 0. */
  readonly delaySeconds?: number | undefined
}

/** What an isolated script may do besides what every one may: its access, and reading its own files. */
export interface Isolation {
  /** Servers, such as `api.example.com:443`. */
  readonly net?: readonly string[] | undefined
  /** Files and folders, relative to `tasks.ts`. */
  readonly read?: readonly string[] | undefined
  /** Folders that it may write and read, relative to `tasks.ts`. */
  readonly write?: readonly string[] | undefined
  /** Environment variables. */
  readonly env?: readonly string[] | undefined
  /** How many root fields of mutations one run may send. Default: no limit. */
  readonly mutations?: number | undefined
  /** Users that it may act as, besides the one of the settings. */
  readonly impersonate?: readonly string[] | undefined
  /** A run with more memory is ended, where the system tells it. Default 2048. */
  readonly memoryMb?: number | undefined
}

export interface TaskEntry<Name extends string = string> {
  /** Path of the script, relative to `tasks.ts`. */
  readonly script?: string | undefined
  /** One line for the list. Default: the first paragraph of the script's first comment. */
  readonly description?: string | undefined
  /** `read` cannot send a mutation. Default `write`; without a script, the strongest access of what is needed. */
  readonly access?: Access | undefined
  /** Heading in the list. */
  readonly group?: string | undefined
  /** Other names of the task. */
  readonly aliases?: readonly string[] | undefined
  /** Tasks that run first, in this order, each once; the same task with other arguments is another run. */
  readonly needs?: readonly (Name | (string & {}) | Need<Name | (string & {})>)[] | undefined
  /** Left out of the list; default true for a name that begins with `_`. */
  readonly hidden?: boolean | undefined
  /** Default: it runs only when somebody starts it. */
  readonly schedule?: Schedule | undefined
  /** Limit for a run by a worker, 1 to 82,800. Default: none. */
  readonly timeoutSeconds?: number | undefined
  /** Default: a failed run of a worker is not repeated. */
  readonly retry?: Retry | undefined
  /** The workers run one at a time of all tasks with the same key. */
  readonly concurrencyKey?: string | undefined
  /** Task that a worker runs once the last attempt of a job has failed. Default: none. */
  readonly onFailure?: Name | (string & {}) | undefined
  /** Runs the script in a process of its own that never holds the secret. `true` grants nothing more. Default `false`. */
  readonly isolated?: boolean | Isolation | undefined
}

/** Reads the usable members of an entry, and says what is wrong with the others. The author may write JavaScript. */
export function readEntry(name: string, value: unknown): { entry: TaskEntry; problems: string[] } {
  const label = JSON.stringify(name)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { entry: {}, problems: [`${label} needs an object such as { script: './scripts/${name}.ts' }`] }
  }
  const problems: string[] = []
  const entry: Record<string, unknown> = {}
  for (const [member, given] of Object.entries(value)) {
    const rule = Object.hasOwn(MEMBERS, member) ? MEMBERS[member as keyof TaskEntry] : undefined
    if (!rule) problems.push(`${label} has the unknown member "${member}"${didYouMean(member, Object.keys(MEMBERS))}`)
    else if (given !== undefined && !rule.accepts(given)) problems.push(`${label}: "${member}" needs ${rule.expected}`)
    else if (given !== undefined) entry[member] = given
  }
  return { entry, problems: [...nameProblems(name, 'name'), ...problems] }
}

/** Names are kebab-case, or `a:b` with a prefix. A leading `_` hides the task. */
export function nameProblems(name: string, what: 'name' | 'alias'): string[] {
  const example = `such as "export-requests" or "finance:export-requests"`
  return NAME.test(name)
    ? []
    : [`${JSON.stringify(name)} cannot be ${what === 'alias' ? 'an alias' : 'a name'}: it needs kebab-case, ${example}`]
}

// --- internal ---

const NAME = /^_?[a-z0-9]+(-[a-z0-9]+)*(:[a-z0-9]+(-[a-z0-9]+)*)*$/

interface Rule {
  readonly expected: string
  accepts(value: unknown): boolean
}

const text: Rule = { expected: 'a text', accepts: (value) => typeof value === 'string' && value.trim() !== '' }
const names: Rule = {
  expected: "a list of names such as ['export-requests']",
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
}

const MEMBERS: Readonly<Record<keyof TaskEntry, Rule>> = {
  script: { ...text, expected: 'the path of a file, relative to tasks.ts' },
  description: text,
  access: { expected: "'read' or 'write'", accepts: (value) => value === 'read' || value === 'write' },
  group: text,
  aliases: names,
  needs: {
    expected: "a list of names, or of { task: 'export-requests', args: { … }, out: 'requests.csv' }",
    accepts: (value) => Array.isArray(value) && value.every(isNeed),
  },
  hidden: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  schedule: {
    expected:
      "{ cron: '0 2 * * *' }, and optionally tz: 'Europe/Paris', args: { … }, out: 'report-{date}.csv', missed: 'skip' or 'once'",
    accepts: isSchedule,
  },
  timeoutSeconds: { expected: 'a whole number from 1 to 82800', accepts: (value) => isWhole(value, 1, 82_800) },
  retry: {
    expected: '{ limit: a whole number from 1 to 100 }, and optionally delaySeconds, from 0 to 86400',
    accepts: isRetry,
  },
  concurrencyKey: text,
  onFailure: { ...text, expected: "the name of a task, such as 'notify-webhook'" },
  isolated: {
    expected:
      "true, or an object with net: ['api.example.com:443'], read: ['data'], write: ['out'], env: ['TZ'], mutations: 100, impersonate: ['ann_lee'], memoryMb: 2048",
    accepts: isIsolation,
  },
}

function isNeed(value: unknown): boolean {
  if (typeof value === 'string') return true
  if (!isRecord(value)) return false
  const { task, args = {}, out = '.', ...others } = value
  return typeof task === 'string' && isRecord(args) && text.accepts(out) && isEmpty(others)
}

/** Checks the form alone. `scheduleProblems` checks the expression and the zone. */
function isSchedule(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { cron, tz = '', args = {}, out = '.', missed = 'skip', ...others } = value
  const hasTexts = typeof cron === 'string' && typeof tz === 'string' && text.accepts(out)
  return hasTexts && isRecord(args) && (missed === 'skip' || missed === 'once') && isEmpty(others)
}

function isRetry(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { limit, delaySeconds = 0, ...others } = value
  return isWhole(limit, 1, 100) && isWhole(delaySeconds, 0, 86_400) && isEmpty(others)
}

/** Checks the form alone. `grantProblems` checks what the paths cover. */
function isIsolation(value: unknown): boolean {
  if (typeof value === 'boolean') return true
  if (!isRecord(value)) return false
  const { net = [], read = [], write = [], env = [], impersonate = [], mutations = 0, memoryMb = 64, ...others } = value
  const hasTexts = [read, write, impersonate].every((list) => Array.isArray(list) && list.every(isPlainText))
  const hasNames = matches(net, SERVER) && matches(env, VARIABLE)
  return hasTexts && hasNames && isWhole(mutations, 0, 1e9) && isWhole(memoryMb, 64, 1e6) && isEmpty(others)
}

/** A host with its port. A name without a port would be all ports. */
const SERVER = /^(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:]+\]):\d{1,5}$/i
/** Deno itself reads those that start with `DENO_`, and the loader of the system `LD_` and `DYLD_`. */
const VARIABLE = /^(?!DENO_|NODE_|LD_|DYLD_|WFG_)[A-Za-z_]\w*$/

function matches(list: unknown, pattern: RegExp): boolean {
  return Array.isArray(list) && list.every((item) => typeof item === 'string' && pattern.test(item))
}

function isPlainText(value: unknown): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return typeof value === 'string' && value.trim() !== '' && !/[\u0000-\u001f]/.test(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(others: object): boolean {
  return Object.keys(others).length === 0
}

function isWhole(value: unknown, from: number, to: number): boolean {
  return Number.isInteger(value) && from <= (value as number) && (value as number) <= to
}
