/** The arguments of one run: its flags, else its arguments file, or what `tasks.ts` gives a needed task. */
import type { Host } from '../host.ts'
import { parseArguments } from './arguments.ts'
import { mergeArguments, readArgumentsFile } from './arguments_file.ts'
import { checkArguments } from './check_arguments.ts'
import type { Script } from './define.ts'
import { isLoose, readParameters } from './schema.ts'

export interface GivenArguments {
  /** Name of the task, for messages. */
  readonly name: string
  /** What is left of the command line without the tool's flags. */
  readonly argv: readonly string[]
  /** As `--args-file` has it. */
  readonly argsFile: string | undefined
  /** Of a needed task, from `tasks.ts`. */
  readonly args: Readonly<Record<string, unknown>> | undefined
}

/**
 * @throws {UsageError} `WFG_USAGE` naming every argument that is wrong or missing
 */
export async function argumentsFor(
  host: Pick<Host, 'cwd' | 'stdin'>,
  script: Script,
  { name, argv, argsFile, args }: GivenArguments,
): Promise<Record<string, unknown>> {
  const parameters = readParameters(script.args, script)
  const loose = script.args !== undefined && isLoose(script.args)
  let given = parseArguments(parameters, argv)
  if (argsFile !== undefined) {
    given = mergeArguments(parameters, await readArgumentsFile(host, argsFile), given, { loose })
  }
  if (args !== undefined) {
    given = mergeArguments(parameters, args, given, { loose, source: `the arguments of ${JSON.stringify(name)}` })
  }
  return checkArguments(script.args, given, parameters)
}
