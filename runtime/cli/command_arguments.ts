import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { type CommandName, USAGES } from './usages.ts'

/**
 * Returns the flags and names given to a command.
 *
 * @param most how many names it takes. Default: any number
 * @throws {UsageError} `WFG_USAGE` for an unknown flag, a flag without its value, or too many names
 */
export function commandArguments(
  command: CommandName,
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  most = Number.POSITIVE_INFINITY,
): CommandArguments {
  // Node's parser takes milliseconds to load, and most calls of `list` have no arguments.
  if (args.length === 0) return { values: {}, positionals: [] }
  const parsed = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const problems = parsed.tokens.map((token) => (token.kind === 'option' ? problemOf(token, options) : undefined))
  const problem =
    problems.find(Boolean) ??
    (parsed.positionals.length > most ? `it takes ${most === 0 ? 'no arguments' : 'one argument'}.` : undefined)
  if (problem) throw new UsageError(`Cannot run the command ${command}: ${problem} Expected ${USAGES[command].usage}.`)
  return parsed
}

// --- internal ---

interface CommandArguments {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
}

const STANDARD_INPUT = '-'

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function problemOf(token: OptionToken, options: NonNullable<ParseArgsConfig['options']>): string | undefined {
  const { name, rawName, value, inlineValue } = token
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (!option) {
    const meant = nearest(name, Object.keys(options))
    return `unknown flag ${rawName}${meant === undefined ? '.' : `; did you mean --${meant}?`}`
  }
  if (option.type === 'boolean') return value === undefined ? undefined : `${rawName} takes no value.`
  const lacking =
    value === undefined || value === '' || (!inlineValue && value.startsWith('-') && value !== STANDARD_INPUT)
  return lacking ? `${rawName} needs a value.` : undefined
}
