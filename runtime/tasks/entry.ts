/** One entry of `tasks.ts`, as its author wrote it. */
import { didYouMean } from '../nearest.ts'

export type Access = 'read' | 'write'

/** A task that runs before another one, with what it would be given on its own command line. */
export interface Need<Name extends string = string> {
  readonly task: Name
  /** By the names of the script's schema; texts become dates and large integers as in an arguments file. Default: none. */
  readonly args?: Readonly<Record<string, unknown>> | undefined
  /** File for its result, relative to `tasks.ts`, in the format of its ending. Default: the result goes nowhere. */
  readonly out?: string | undefined
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
}

function isNeed(value: unknown): boolean {
  if (typeof value === 'string') return true
  if (typeof value !== 'object' || value === null) return false
  const { task, args = {}, out = '.', ...others } = value as Record<string, unknown>
  const isRecord = typeof args === 'object' && args !== null && !Array.isArray(args)
  return typeof task === 'string' && isRecord && text.accepts(out) && Object.keys(others).length === 0
}

function articled(what: 'name' | 'alias'): string {
  return what === 'alias' ? 'an alias' : 'a name'
}
