/** The arguments of a script from the command line. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearest } from '../nearest.ts'
import { convertFor } from './convert.ts'
import { refuseProblems } from './problems.ts'
import { isSwitch, type Parameter, written } from './schema.ts'
import { toolFlags } from './tool_flags.ts'

/**
 * The values that `argv` gives, by key. What the schema says of them is checked by `checkArguments`.
 *
 * @throws {UsageError} naming every flag that is unknown or has no usable value; never a value
 */
export function parseArguments(parameters: readonly Parameter[], argv: readonly string[]): Record<string, unknown> {
  const byFlag = new Map(parameters.map((parameter) => [parameter.flag, parameter]))
  const given: Given = { values: new Map(), problems: [], positionals: [], unknown: false }
  const letters = new Set(parameters.flatMap(({ short }) => (short === undefined ? [] : `-${short}`)))
  const shorts = new Set<number>()
  for (const token of tokensOf(parameters, argv)) {
    if (token.kind === 'positional') given.positionals.push(token.value)
    else if (token.kind === 'option' && (token.rawName.startsWith('--') || letters.has(token.rawName))) {
      readFlag(token, byFlag, given)
    } else if (token.kind === 'option' && !shorts.has(token.index)) {
      shorts.add(token.index) // one argument such as `-15` is a token for each of its letters
      readShort(argv[token.index]!, parameters, given)
    }
  }
  placePositionals(parameters, given)
  refuseProblems(TITLE, given.problems)
  return Object.fromEntries(given.values)
}

// --- internal ---

const TITLE = 'Cannot use these arguments'

interface Given {
  readonly values: Map<string, unknown>
  readonly problems: string[]
  readonly positionals: string[]
  unknown: boolean
}

interface OptionToken {
  readonly name: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function tokensOf(parameters: readonly Parameter[], argv: readonly string[]) {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const parameter of parameters) {
    const { flag, short } = parameter
    const type = isSwitch(parameter) ? 'boolean' : 'string'
    options[flag] = { type, multiple: true, ...(short === undefined ? {} : { short }) }
  }
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens
}

function readFlag(
  { name, value, inlineValue }: OptionToken,
  byFlag: ReadonlyMap<string, Parameter>,
  given: Given,
): void {
  const parameter = byFlag.get(name)
  const negated = byFlag.get(name.replace(/^no-/, ''))
  if (parameter && isSwitch(parameter)) store(parameter, value ?? 'true', given)
  else if (!parameter && negated && isSwitch(negated)) {
    if (value === undefined) store(negated, 'false', given)
    else given.problems.push(`--${name} takes no value`)
  } else if (!parameter) {
    const meant = nearest(name, [...byFlag.keys(), ...toolFlags.map((flag) => flag.name)])
    given.unknown = true
    given.problems.push(`there is no flag --${name}${meant === undefined ? '' : `; did you mean --${meant}?`}`)
  } else if (value === undefined || (!inlineValue && value.startsWith('--'))) {
    given.problems.push(`--${name} needs a value; one that begins with "--" is written --${name}=VALUE`)
  } else store(parameter, value, given)
}

/** No short flag, so this is a negative number or a mistake; it may be a secret, so it is not repeated. */
function readShort(argument: string, parameters: readonly Parameter[], given: Given): void {
  if (/^-[\d.]/.test(argument) && parameters.some((parameter) => parameter.positional)) given.positionals.push(argument)
  else {
    const known = parameters.flatMap(({ short }) => (short === undefined ? [] : `-${short}`))
    const flags =
      known.length === 0
        ? 'there are no flags with one dash'
        : `of flags with one dash there is only ${known.join(', ')}`
    given.problems.push(`${flags}; a value that begins with "-" goes after "--" or into --flag=VALUE`)
  }
}

function placePositionals(parameters: readonly Parameter[], given: Given): void {
  const waiting = parameters.filter((parameter) => parameter.positional)
  const values = [...given.positionals]
  for (const parameter of waiting) {
    const own = values.splice(0, parameter.variadic ? values.length : 1)
    for (const value of own) store(parameter, value, given)
  }
  // After an unknown flag its value looks like a positional: one mistake is reported once.
  if (values.length === 0 || given.unknown) return
  const count = given.positionals.length
  const places = waiting.map(written).join(' ')
  given.problems.push(
    waiting.length === 0
      ? `it takes flags only, and ${count} other ${count === 1 ? 'argument was' : 'arguments were'} given`
      : `it takes ${places} besides flags, and ${count} arguments were given`,
  )
}

function store(parameter: Parameter, text: string, { values, problems }: Given): void {
  const converted = convertFor(parameter, text)
  const { key, multiple } = parameter
  if ('expected' in converted) problems.push(`${place(parameter)} needs ${converted.expected}`)
  else if (multiple && values.has(key)) (values.get(key) as unknown[]).push(converted.value)
  else if (multiple) values.set(key, [converted.value])
  else if (values.has(key)) problems.push(`${place(parameter)} takes one value and is given more than once`)
  else values.set(key, converted.value)
}

function place(parameter: Parameter): string {
  return parameter.positional ? written(parameter) : `--${parameter.flag}`
}
