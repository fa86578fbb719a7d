/** Reads a script's valibot schema as the parameters of a command line. */

import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import { refuseProblems } from '../../core/problems.ts'
import type { ArgumentsSchema } from '../../script/define.ts'
import { isSchema, readShape, type SchemaNode } from './schema_shape.ts'
import type { Shape } from './shape.ts'
import { isToolFlag } from './tool_flags.ts'

export interface Parameter extends Omit<Shape, 'acceptsNull' | 'acceptsUndefined'> {
  /** Member of `args`. */
  readonly key: string
  /** Without dashes: `sinceDate` is `since-date`. */
  readonly flag: string
  readonly required: boolean
  /** The value that the schema accepts for a flag that was left out. */
  readonly whenAbsent: 'omit' | 'null' | 'undefined'
  /** Its letter, if the script gives it one. */
  readonly short: string | undefined
  readonly positional: boolean
  /** True for a positional that takes all remaining arguments. */
  readonly variadic: boolean
}

/** The names of the arguments on the command line that the schema does not tell. */
export interface CommandLineNames {
  readonly positionals?: readonly string[] | undefined
  readonly short?: Readonly<Record<string, string>> | undefined
}

/**
 * The parameters of a schema: those in `positionals` first, in that order, then the others as written.
 *
 * @throws {UsageError} naming every key that cannot be part of a command line, and why
 */
export function readParameters(
  schema: ArgumentsSchema | undefined,
  { positionals = [], short = {} }: CommandLineNames = {},
): Parameter[] {
  const entries = schema === undefined ? {} : entriesOf(schema)
  const problems: string[] = []
  const parameters = new Map<string, Parameter>()
  for (const [key, member] of Object.entries(entries)) {
    try {
      parameters.set(key, createParameter(key, member, positionals, short))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      problems.push(`${JSON.stringify(key)}: ${error.message}`)
    }
  }
  problems.push(
    ...flagProblems([...parameters.values()]),
    ...shortProblems(short, entries, parameters),
    ...positionalProblems(positionals, entries, parameters),
  )
  refuseProblems('Cannot make a command line of the script\'s "args"', problems)
  const first = positionals.map((key) => parameters.get(key)!)
  return [...first, ...[...parameters.values()].filter((parameter) => !parameter.positional)]
}

/** True if the schema accepts members that it does not name (`v.looseObject`, `v.objectWithRest`). */
export function isLoose(schema: ArgumentsSchema): boolean {
  return schema.type === 'loose_object' || schema.type === 'object_with_rest'
}

/** How the parameter is written in messages and usage: `--since`, `--[no-]open`, `<file>`. */
export function written(parameter: Parameter): string {
  if (parameter.positional) return `<${parameter.flag}>`
  return isSwitch(parameter) ? `--[no-]${parameter.flag}` : `--${parameter.flag}`
}

/** A flag without a value: `--open`, `--no-open`. */
export function isSwitch({ alternatives, kind, multiple }: Parameter): boolean {
  return kind === 'boolean' && !multiple && !alternatives
}

// --- internal ---

const OBJECTS = ['object', 'strict_object', 'loose_object', 'object_with_rest']

function entriesOf(schema: unknown): Readonly<Record<string, SchemaNode>> {
  if (isSchema(schema) && OBJECTS.includes(schema.type) && schema.entries) return schema.entries
  const found = isSchema(schema) ? `it is ${schema.type}` : 'it is no valibot schema'
  throw new UsageError(
    `Cannot make a command line of the script's "args": ${found}, and needs to be one v.object({ … })`,
  )
}

const OMITTABLE = ['optional', 'exact_optional', 'nullish']

function createParameter(
  key: string,
  member: SchemaNode,
  positionals: readonly string[],
  short: Readonly<Record<string, string>>,
): Parameter {
  const { acceptsNull, acceptsUndefined, ...shape } = readShape(member)
  const flag = flagOf(key)
  // For an object schema, the outermost type of a member decides whether its key may be missing.
  const omittable = OMITTABLE.includes(member.type) || member.fallback !== undefined
  const positional = positionals.includes(key)
  const required = !omittable && !acceptsNull && !acceptsUndefined
  return {
    ...shape,
    key,
    flag,
    required,
    defaultValue: required ? undefined : shape.defaultValue,
    whenAbsent: omittable ? 'omit' : acceptsUndefined ? 'undefined' : acceptsNull ? 'null' : 'omit',
    short: Object.hasOwn(short, key) ? short[key] : undefined,
    positional,
    variadic: positional && shape.multiple,
  }
}

function flagOf(key: string): string {
  const flag = key
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1-$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
  if (/^[\p{L}\p{N}]+(-[\p{L}\p{N}]+)*$/u.test(flag)) return flag
  throw new UsageError('its name cannot be a flag; it needs letters and digits, such as "sinceDate"')
}

function flagProblems(parameters: readonly Parameter[]): string[] {
  const problems: string[] = []
  const owners = new Map<string, string>()
  for (const parameter of parameters) {
    const { key, flag } = parameter
    for (const name of isSwitch(parameter) ? [flag, `no-${flag}`] : [flag]) {
      const owner = owners.get(name)
      if (isToolFlag(name))
        problems.push(`${JSON.stringify(key)}: --${name} is a flag of the tool; it needs another name`)
      if (owner !== undefined)
        problems.push(`${JSON.stringify(key)}: --${name} is the flag of ${JSON.stringify(owner)} too`)
      owners.set(name, key)
    }
  }
  return problems
}

function shortProblems(
  short: Readonly<Record<string, string>>,
  entries: Readonly<Record<string, SchemaNode>>,
  parameters: ReadonlyMap<string, Parameter>,
): string[] {
  const letters = Object.values(short)
  return Object.entries(short).flatMap(([key, letter], index) => {
    const name = `short ${JSON.stringify(key)}`
    if (!Object.hasOwn(entries, key)) return `${name} is not in "args"${didYouMean(key, Object.keys(entries))}`
    if (typeof letter !== 'string' || !/^[A-Za-z]$/.test(letter)) return `${name} needs one letter, such as "s"`
    if (letter === 'h') return `${name}: -h is a flag of the tool; it needs another letter`
    if (letters.indexOf(letter) < index) return `${name}: -${letter} is given to another one too`
    return parameters.get(key)?.positional ? `${name} is a positional, which has no flag` : []
  })
}

function positionalProblems(
  positionals: readonly string[],
  entries: Readonly<Record<string, SchemaNode>>,
  parameters: ReadonlyMap<string, Parameter>,
): string[] {
  return positionals.flatMap((key, index) => {
    const name = `positional ${JSON.stringify(key)}`
    if (!Object.hasOwn(entries, key)) return `${name} is not in "args"${didYouMean(key, Object.keys(entries))}`
    if (positionals.indexOf(key) < index) return `${name} is listed twice`
    const parameter = parameters.get(key)
    const before = parameters.get(positionals[index - 1] ?? '')
    if (parameter?.kind === 'boolean') return `${name} is a boolean, which only a flag can be`
    if (before?.variadic) return `${name} follows ${JSON.stringify(before.key)}, which takes all remaining arguments`
    if (parameter?.required && before && !before.required) return `${name} is required and follows an optional one`
    return []
  })
}
