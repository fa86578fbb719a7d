/** Reads the arguments of a script from the command line. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearest } from '../../core/nearest.ts'
import { noteMask } from '../../core/typed_values.ts'
import { convertFor } from './convert.ts'
import { isSwitch, type Parameter, written } from './schema.ts'
import { toolFlags } from './tool_flags.ts'

/** The arguments that a script was given. */
export interface Given {
  /** By key. */
  readonly values: Readonly<Record<string, unknown>>
  /** A sentence for each argument that is unknown or has no usable value. It never contains the value. */
  readonly problems: readonly string[]
  /** Keys that `problems` already mentions. */
  readonly refused: ReadonlySet<string>
}

/** Reads the values in `argv`. `checkArguments` checks them against the schema, and reports all problems. */
export function parseArguments(parameters: readonly Parameter[], argv: readonly string[]): Given {
  const byFlag = new Map(parameters.map((parameter) => [parameter.flag, parameter]))
  const reading: Reading = { values: new Map(), problems: [], refused: new Set(), positionals: [], unknown: false }
  const letters = new Set(parameters.flatMap(({ short }) => (short === undefined ? [] : `-${short}`)))
  const shorts = new Set<number>()
  for (const token of tokensOf(parameters, argv)) {
    if (token.kind === 'positional') reading.positionals.push(token.value)
    else if (token.kind === 'option' && (token.rawName.startsWith('--') || letters.has(token.rawName))) {
      readFlag(token, byFlag, reading)
    } else if (token.kind === 'option' && !shorts.has(token.index)) {
      shorts.add(token.index) // an argument such as `-15` gives a token for each letter
      readShort(argv[token.index]!, parameters, reading)
    }
  }
  placePositionals(parameters, reading)
  return { ...reading, values: Object.fromEntries(reading.values) }
}

// --- internal ---

interface Reading {
  readonly values: Map<string, unknown>
  readonly problems: string[]
  readonly refused: Set<string>
  readonly positionals: string[]
  unknown: boolean
}

type OptionToken = Extract<ReturnType<typeof tokensOf>[number], { kind: 'option' }>

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
  { name, rawName, value, inlineValue }: OptionToken,
  byFlag: ReadonlyMap<string, Parameter>,
  reading: Reading,
): void {
  const parameter = byFlag.get(name)
  const negated = byFlag.get(name.replace(/^no-/, ''))
  if (parameter && isSwitch(parameter)) store(parameter, value ?? 'true', reading)
  else if (!parameter && negated && isSwitch(negated)) {
    if (value === undefined) store(negated, 'false', reading)
    else refuse(reading, negated, `--${name} takes no value`)
  } else if (!parameter) {
    const meant = nearest(name, [...byFlag.keys(), ...toolFlags.map((flag) => flag.name)])
    reading.unknown = true
    refuse(
      reading,
      byFlag.get(meant ?? ''),
      `there is no flag --${name}${meant === undefined ? '' : `; did you mean --${meant}?`}`,
    )
  } else if (value === undefined || (!inlineValue && value.startsWith('--'))) {
    refuse(reading, parameter, `--${name} needs a value; write one that begins with "--" as --${name}=VALUE`)
  } else store(parameter, !rawName.startsWith('--') && inlineValue ? value.replace(/^=/, '') : value, reading)
}

/** Reads a negative number, or reports a mistake. It may be a secret, so the message does not repeat it. */
function readShort(argument: string, parameters: readonly Parameter[], reading: Reading): void {
  if (/^-[\d.]/.test(argument) && parameters.some((parameter) => parameter.positional))
    reading.positionals.push(argument)
  else {
    const known = parameters.flatMap(({ short }) => (short === undefined ? [] : `-${short}`))
    const flags =
      known.length === 0 ? 'it has no flags with one dash' : `its only flags with one dash are ${known.join(', ')}`
    reading.problems.push(`${flags}; write a value that begins with "-" after "--", or as --flag=VALUE`)
  }
}

function placePositionals(parameters: readonly Parameter[], reading: Reading): void {
  const waiting = parameters.filter((parameter) => parameter.positional)
  const values = [...reading.positionals]
  for (const parameter of waiting) {
    const own = values.splice(0, parameter.variadic ? values.length : 1)
    for (const value of own) store(parameter, value, reading)
  }
  // The value of an unknown flag looks like a positional. That mistake is reported already.
  if (values.length === 0 || reading.unknown) return
  const taken = waiting.length === 0 ? 'flags only' : `${waiting.map(written).join(' ')} besides flags`
  const tooMany = `[value of argument ${reading.positionals.length - values.length + 1}]`
  noteMask(tooMany, values[0]!)
  reading.problems.push(`it takes ${taken}; the first argument too many is "${tooMany}"`)
}

function store(parameter: Parameter, text: string, reading: Reading): void {
  const { values } = reading
  const converted = convertFor(parameter, text)
  const { key, multiple } = parameter
  if ('expected' in converted) refuse(reading, parameter, `${place(parameter)} needs ${converted.expected}`)
  else if (multiple && values.has(key)) (values.get(key) as unknown[]).push(converted.value)
  else if (multiple) values.set(key, [converted.value])
  else if (values.has(key))
    refuse(reading, parameter, `${place(parameter)} takes one value and is given more than once`)
  else values.set(key, converted.value)
}

function refuse({ problems, refused }: Reading, parameter: Parameter | undefined, problem: string): void {
  problems.push(problem)
  if (parameter) refused.add(parameter.key)
}

function place(parameter: Parameter): string {
  return parameter.positional ? written(parameter) : `--${parameter.flag}`
}
