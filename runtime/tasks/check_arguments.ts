/** The schema's own verdict on the arguments, in our words: a library's message would repeat the value. */
import type { GenericSchema } from 'valibot'
import { expectedOf } from './convert.ts'
import { exampleOf, exampleWords } from './example.ts'
import { refuseProblems } from './problems.ts'
import { type ArgumentsSchema, isSwitch, type Parameter, written } from './schema.ts'
import { labelOfCheck } from './schema_pipe.ts'

/**
 * What the schema makes of `input`: this is the script's `args`.
 *
 * @param command what precedes the arguments, for the line that a person could type
 * @throws {UsageError} naming every argument that is missing or refused, and what is expected; a message that the author
 * gave in the schema is used as it is
 */
export async function checkArguments(
  schema: ArgumentsSchema | undefined,
  input: Readonly<Record<string, unknown>>,
  parameters: readonly Parameter[],
  command?: string,
): Promise<Record<string, unknown>> {
  if (schema === undefined) return { ...input }
  const missing = missingParameters(parameters, input)
  const { safeParseAsync } = await import('valibot')
  // Whatever message differs from this one was chosen by the author.
  const result = await safeParseAsync(schema, complete(parameters, input), { message: NO_MESSAGE })
  if (result.success && missing.length === 0) return result.output as Record<string, unknown>
  const issues = (result.issues ?? []) as readonly Issue[]
  const answered = issues.filter((issue) => !missing.some(({ key }) => key === issue.path?.[0]?.key))
  refuseProblems(
    'Cannot use these arguments',
    [...missing.map(need), ...answered.map((issue) => sentence(issue, parameters))],
    missing.length > 0 && command !== undefined ? `For example: ${command} ${exampleOf(parameters)}` : '',
  )
  return result.output as Record<string, unknown>
}

/** What the schema says of one value alone; undefined where it takes it, or can tell only later. */
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

/** The parameters that a run needs and `input` does not have; on a terminal one may ask for them. */
export function missingParameters(
  parameters: readonly Parameter[],
  input: Readonly<Record<string, unknown>>,
): Parameter[] {
  return parameters.filter(({ key, required }) => required && !Object.hasOwn(input, key))
}

// --- internal ---

const NO_MESSAGE = '\0'

interface Issue {
  readonly kind: string
  readonly type: string
  readonly message: string
  readonly requirement?: unknown
  readonly path?: readonly { readonly key?: unknown; readonly type?: string }[]
}

/** A schema that accepts null or undefined and does not let its key be missing gets what it accepts. */
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
  if (issue.kind === 'schema') return `needs ${expected(parameter, issue)}`
  const rule = Object.hasOwn(RULES, issue.type) ? RULES[issue.type] : undefined
  const label = labelOfCheck(issue.type)
  if (rule) return rule(requirementOf(issue), isList(parameter, issue) ? 'values' : 'characters')
  if (label !== undefined) return `needs ${/^[aeio]/.test(label) ? 'an' : 'a'} ${label}`
  return CUSTOM.includes(issue.type)
    ? 'is not accepted by the script'
    : `does not pass the rule "${issue.type.replaceAll('_', ' ')}"`
}

function expected(parameter: Parameter, issue: Issue): string {
  const { alternatives, choices, kind, label } = parameter
  if (isList(parameter, issue)) return 'a list'
  if (choices) return `one of: ${choices.join(', ')}`
  if (alternatives) return label
  return kind === 'string' && label !== kind ? label : expectedOf(kind)
}

function isList({ multiple }: Parameter, { path = [] }: Issue): boolean {
  return multiple && path.length < 2
}

const CUSTOM = ['check', 'raw_check', 'custom', 'partial_check', 'check_items']

type Rule = (requirement: string, unit: string) => string

const RULES: Readonly<Record<string, Rule>> = {
  min_value: (bound) => `needs to be at least ${bound}`,
  max_value: (bound) => `needs to be at most ${bound}`,
  gt_value: (bound) => `needs to be more than ${bound}`,
  lt_value: (bound) => `needs to be less than ${bound}`,
  multiple_of: (bound) => `needs to be a multiple of ${bound}`,
  finite: () => 'needs a finite number',
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
