/** Checks arguments by the schema and words the problems: valibot's messages would repeat the value. */
import type { GenericSchema } from 'valibot'
import { refuseProblems } from '../../core/problems.ts'
import type { ArgumentsSchema } from '../../script/define.ts'
import type { Given } from './arguments.ts'
import { EXPECTED } from './convert.ts'
import { exampleOf, exampleWords } from './example.ts'
import { isSwitch, type Parameter, written } from './schema.ts'
import { labelOfCheck } from './schema_pipe.ts'
import { isKind } from './schema_shape.ts'

/**
 * Returns the output of the schema, which is the script's `args`.
 *
 * @param command precedes the arguments in the example of a command line
 * @throws {UsageError} naming every argument that is unusable, missing or refused, and what is expected. It uses the
 * messages that the author wrote in the schema.
 */
export async function checkArguments(
  schema: ArgumentsSchema | undefined,
  given: Given,
  parameters: readonly Parameter[],
  command?: string,
): Promise<Record<string, unknown>> {
  const { values, problems, refused } = given
  if (schema === undefined) {
    refuseProblems(TITLE, problems)
    return { ...values }
  }
  const missing = missingParameters(parameters, given)
  const { safeParseAsync } = await import('valibot')
  // Any other message is the author's.
  const result = await safeParseAsync(schema, complete(parameters, values), { message: NO_MESSAGE })
  if (result.success && missing.length + problems.length === 0) return result.output as Record<string, unknown>
  const issues = (result.issues ?? []) as readonly Issue[]
  const named = new Set<unknown>([...refused, ...missing.map(({ key }) => key)])
  const answered = issues.filter((issue) => !named.has(issue.path?.[0]?.key))
  refuseProblems(
    TITLE,
    [...problems, ...missing.map(need), ...answered.map((issue) => sentence(issue, parameters))],
    missing.length > 0 && command !== undefined ? `For example: ${command} ${exampleOf(parameters)}` : '',
  )
  return result.output as Record<string, unknown>
}

/** The problem of one value alone; undefined if the schema accepts it, or is asynchronous. */
export function problemOfValue(
  schema: ArgumentsSchema | undefined,
  parameter: Parameter,
  value: unknown,
): string | undefined {
  const member = (schema as { entries?: Record<string, GenericSchema> } | undefined)?.entries?.[parameter.key]
  if (member?.async !== false) return undefined
  const issue = member['~run']({ value }, { message: NO_MESSAGE }).issues?.[0] as Issue | undefined
  if (!issue) return undefined
  return issue.message === NO_MESSAGE
    ? verdict({ ...issue, path: [{ key: parameter.key }, ...(issue.path ?? [])] }, parameter)
    : issue.message
}

/** The required parameters without a value. */
export function missingParameters(
  parameters: readonly Parameter[],
  { values, refused }: Pick<Given, 'values' | 'refused'>,
): Parameter[] {
  return parameters.filter(({ key, required }) => required && !Object.hasOwn(values, key) && !refused.has(key))
}

// --- internal ---

const TITLE = 'Cannot use these arguments'

const NO_MESSAGE = '\0'

interface Issue {
  readonly kind: string
  readonly type: string
  readonly message: string
  /** Of a schema: its kind, or its choices as `("a" | "b")`. */
  readonly expected?: string | null
  readonly requirement?: unknown
  readonly path?: readonly { readonly key?: unknown; readonly type?: string }[]
}

/** Adds null or undefined for a key that the schema accepts as such, but not missing. */
function complete(parameters: readonly Parameter[], input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const completed = { ...input }
  for (const { key, whenAbsent } of parameters) {
    if (whenAbsent !== 'omit' && !Object.hasOwn(completed, key))
      completed[key] = whenAbsent === 'null' ? null : undefined
  }
  return completed
}

function need(parameter: Parameter): string {
  const { choices, description, flag, positional } = parameter
  const about = description === undefined ? '' : ` (${description})`
  if (positional) return `needs ${written(parameter)}${about}`
  if (isSwitch(parameter)) return `needs --${flag} or --no-${flag}${about}`
  const type = choices ? `one of: ${choices.join(', ')}` : `such as: ${exampleWords(parameter)}`
  return `needs --${flag}${about}, ${type}`
}

function sentence(issue: Issue, parameters: readonly Parameter[]): string {
  const [first, second] = issue.path ?? []
  const parameter = parameters.find(({ key }) => key === first?.key)
  const isAuthors = issue.message !== NO_MESSAGE
  if (!parameter) {
    if (isAuthors) return issue.message
    return first ? `${JSON.stringify(String(first.key))} is not one of the arguments` : 'they do not fit together'
  }
  const name = parameter.positional ? written(parameter) : `--${parameter.flag}`
  const subject = typeof second?.key === 'number' ? `${name} (value ${second.key + 1})` : name
  return isAuthors ? `${subject}: ${issue.message}` : `${subject} ${verdict(issue, parameter)}`
}

function verdict(issue: Issue, parameter: Parameter): string {
  if (issue.kind === 'schema') return laterVerdict(issue, parameter) ?? `needs ${expected(parameter, issue)}`
  const rule = Object.hasOwn(RULES, issue.type) ? RULES[issue.type] : undefined
  const label = labelOfCheck(issue.type)
  if (rule) return rule(requirementOf(issue), isList(parameter, issue) ? 'values' : 'characters')
  if (label !== undefined) return `needs ${/^[aeio]/.test(label) ? 'an' : 'a'} ${label}`
  return CUSTOM.includes(issue.type) ? NOT_ACCEPTED : `does not pass the rule "${issue.type.replaceAll('_', ' ')}"`
}

/** The verdict of a later schema in a pipe, which sees another value than was typed; undefined for the first schema. */
function laterVerdict(
  { type, expected }: Issue,
  { alternatives, choices, kind, multiple }: Parameter,
): string | undefined {
  if (alternatives || choices || type === kind || (multiple && type === 'array') || OWN.includes(type)) return undefined
  if (isKind(type)) return `needs ${EXPECTED[type]}`
  const values = CHOICES.includes(type) && expected ? expected.match(/"(?:[^"\\]|\\.)*"|[^\s|()"]+/g) : null
  return values ? `needs one of: ${values.map((value) => value.replace(/^"(.*)"$/, '$1')).join(', ')}` : NOT_ACCEPTED
}

const CHOICES = ['picklist', 'enum', 'literal']

/** Types that refuse null and undefined in an arguments file. The message names the expected kind. */
const OWN = ['union', 'non_optional', 'non_nullable', 'non_nullish', 'strict_object']

function expected(parameter: Parameter, issue: Issue): string {
  const { alternatives, choices, kind, label } = parameter
  if (isList(parameter, issue)) return 'a list'
  if (choices) return `one of: ${choices.join(', ')}`
  if (alternatives) return label
  return kind === 'string' && label !== kind ? label : EXPECTED[kind]
}

function isList({ multiple }: Parameter, { path = [] }: Issue): boolean {
  return multiple && path.length < 2
}

const NOT_ACCEPTED = 'is not accepted by the script'

const CUSTOM = ['check', 'raw_check', 'custom', 'partial_check', 'check_items']

type Rule = (requirement: string, unit: string) => string

const RULES: Readonly<Record<string, Rule>> = {
  min_value: (bound) => `needs to be at least ${bound}`,
  max_value: (bound) => `needs to be at most ${bound}`,
  gt_value: (bound) => `needs to be more than ${bound}`,
  lt_value: (bound) => `needs to be less than ${bound}`,
  multiple_of: (bound) => `needs to be a multiple of ${bound}`,
  finite: () => 'needs a finite number',
  to_number: () => `needs ${EXPECTED.number}`,
  to_bigint: () => `needs ${EXPECTED.bigint}`,
  to_date: () => `needs ${EXPECTED.date}`,
  non_empty: () => 'must not be empty',
  min_length: (bound, unit) => `needs at least ${bound} ${unit}`,
  max_length: (bound, unit) => `takes at most ${bound} ${unit}`,
  length: (bound, unit) => `needs exactly ${bound} ${unit}`,
  digits: () => 'needs digits only',
  regex: (pattern) => `needs to match ${pattern}`,
}

function requirementOf({ requirement }: Issue): string {
  return requirement instanceof Date ? requirement.toISOString() : String(requirement)
}
