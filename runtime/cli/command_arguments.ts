import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { commands } from './commands.ts'

/**
 * The flags and names given to a command.
 *
 * @throws {UsageError} `WFG_USAGE` for a flag that it does not have, or one without its value
 */
export function commandArguments(
  command: keyof typeof commands,
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const flag = args.find((argument) => argument.startsWith('-') && !(argument.replace(/^-+|=.*$/g, '') in options))
    const close = flag && nearest(flag.replace(/^-+|=.*$/g, ''), Object.keys(options))
    const found =
      flag === undefined || code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
        ? 'a flag lacks its value'
        : `${flag.replace(/=.*$/, '')} is no flag of it`
    throw new UsageError(
      `Cannot run the command ${command}: ${found}${close ? `; did you mean --${close}?` : ''} Expected ${commands[command].usage}.`,
    )
  }
}
