/** One entry of `tasks.ts`, as its author wrote it. */
import { didYouMean } from '../../core/nearest.ts'

export type Access = 'read' | 'write'

/** A task that runs before another one, with what it would be given on its own command line. */
export interface Need<Name extends string = string> {
  readonly task: Name
  /** By the names of the script's schema; texts become dates and large integers as in an arguments file. Default: none. */
  readonly args?: Readonly<Record<string, unknown>> | undefined
  /** File for its result, relative to `tasks.ts`, in the format of its ending. Default: the result goes nowhere. */
  readonly out?: string | undefined
}

/** When a task runs by itself, where a worker runs or an engine that `export` wrote for. */
export interface Schedule {
  /** The five fields of cron, such as `0 2 * * *`: minute, hour, day of the month, month, day of the week. */
  readonly cron: string
  /** IANA name of the time zone that the fields are in. Default `UTC`. */
  readonly tz?: string | undefined
  /** By the names of the script's schema; texts become dates and large integers as in an arguments file. Default: none. */
  readonly args?: Readonly<Record<string, unknown>> | undefined
  /** What becomes of the times at which no worker was there. Default `skip`; `once` makes one run of any number of them. */
  readonly missed?: 'skip' | 'once' | undefined
}

/** Running a task again that failed. Only its author knows whether that does harm. */
export interface Retry {
  /** How many further runs, 1 to 100. */
  readonly limit: number
  /** Before each of them, 0 to 86,400. Default 0. */
  readonly delaySeconds?: number | undefined
}

export interface TaskEntry<Name extends string = string> {
  /** Path of the script, relative to `tasks.ts`. */
  readonly script?: string | undefined
  /** One line for the list; default: what the script's first comment says. */
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
  /** Default: it runs when somebody starts it. */
  readonly schedule?: Schedule | undefined
  /** Longest that a run by a worker may take, 1 to 82,800. Default: none. */
  readonly timeoutSeconds?: number | undefined
  /** Default: a run by a worker that failed is not repeated. */
  readonly retry?: Retry | undefined
  /** Of the tasks with the same key the workers run one at a time. */
  readonly concurrencyKey?: string | undefined
}

/** The members of `value` that are usable, and what is wrong with the rest. An author may write JavaScript. */
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

/** Names are kebab-case, `a:b` with a prefix; a leading `_` hides. */
export function nameProblems(name: string, what: 'name' | 'alias'): string[] {
  const example = `such as "export-requests" or "finance:export-requests"`
  return NAME.test(name) ? [] : [`${JSON.stringify(name)} cannot be ${articled(what)}: it needs kebab-case, ${example}`]
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
    expected: "{ cron: '0 2 * * *' }, and where wanted tz: 'Europe/Paris', args: { … }, missed: 'skip' or 'once'",
    accepts: isSchedule,
  },
  timeoutSeconds: { expected: 'a whole number from 1 to 82800', accepts: (value) => isWhole(value, 1, 82_800) },
  retry: {
    expected: '{ limit: a whole number from 1 to 100 }, and where wanted delaySeconds, from 0 to 86400',
    accepts: isRetry,
  },
  concurrencyKey: text,
}

function isNeed(value: unknown): boolean {
  if (typeof value === 'string') return true
  if (!isRecord(value)) return false
  const { task, args = {}, out = '.', ...others } = value
  return typeof task === 'string' && isRecord(args) && text.accepts(out) && isEmpty(others)
}

/** Whether its texts name a time and a zone is looked at where there is a schedule at all. */
function isSchedule(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { cron, tz = '', args = {}, missed = 'skip', ...others } = value
  const hasTexts = typeof cron === 'string' && typeof tz === 'string'
  return hasTexts && isRecord(args) && (missed === 'skip' || missed === 'once') && isEmpty(others)
}

function isRetry(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { limit, delaySeconds = 0, ...others } = value
  return isWhole(limit, 1, 100) && isWhole(delaySeconds, 0, 86_400) && isEmpty(others)
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

function articled(what: 'name' | 'alias'): string {
  return what === 'alias' ? 'an alias' : 'a name'
}
