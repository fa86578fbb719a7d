/** The arguments of one run: from its flags, its arguments file, `tasks.ts`, or a person at a terminal. */
import type { Host } from '../../host/host.ts'
import type { Script } from '../../script/define.ts'
import { type Given, parseArguments } from './arguments.ts'
import { checkArguments, missingParameters, problemOfValue } from './check_arguments.ts'
import { isLoose, type Parameter, readParameters } from './schema.ts'

export interface ArgumentSources {
  /** Name of the task, for messages. */
  readonly name: string
  /** What is left of the command line without the tool's flags. */
  readonly argv: readonly string[]
  /** The value of `--args-file`. */
  readonly argsFile?: string | undefined
  /** From `tasks.ts` or a queued job. */
  readonly args: Readonly<Record<string, unknown>> | undefined
}

/** The request to ask a person at a terminal for arguments. */
export interface AskedArguments {
  readonly missing: readonly Parameter[]
  /** What precedes the arguments on a command line. */
  readonly command: string
  readonly argv: readonly string[]
  readonly noColor: boolean
  readonly signal: AbortSignal
  /** Says why the value is not accepted. */
  problemOf(parameter: Parameter, value: unknown): string | undefined
}

export interface Asking extends Pick<AskedArguments, 'command' | 'noColor' | 'signal'> {
  /** Undefined if nobody is asked, as for a needed task. */
  readonly ask: ((asked: AskedArguments) => Promise<Record<string, unknown>>) | undefined
  /** The task was picked from a list, so the command line that does the same is always shown. */
  readonly isPicked: boolean
}

export interface ReadArguments {
  readonly parameters: readonly Parameter[]
  readonly given: Given
  /** The output of the schema: the `args` of the script. */
  readonly args: Record<string, unknown>
}

/**
 * Reads and checks the arguments. Their secrets are masked from then on.
 *
 * @throws {UsageError} `WFG_USAGE` for an arguments file that cannot be read, and for arguments that do not fit the schema
 */
export async function readArguments(
  host: Pick<Host, 'cwd' | 'redactor' | 'stdin'>,
  script: Script,
  { name, argv, argsFile, args }: ArgumentSources,
  asking?: Asking,
): Promise<ReadArguments> {
  const parameters = readParameters(script.args, script)
  let given = parseArguments(parameters, argv)
  if (argsFile !== undefined || args !== undefined) {
    const { mergeArguments, readArgumentsFile } = await import('./arguments_file.ts')
    const loose = script.args !== undefined && isLoose(script.args)
    if (argsFile !== undefined)
      given = mergeArguments(parameters, await readArgumentsFile(host, argsFile), given, { loose })
    if (args !== undefined)
      given = mergeArguments(parameters, args, given, { loose, source: `the arguments of ${JSON.stringify(name)}` })
  }
  maskSecrets(host, parameters, given)
  const missing = missingParameters(parameters, given)
  // Typing mistakes are reported before any question is asked.
  if (asking?.ask && given.problems.length === 0 && (missing.length > 0 || asking.isPicked)) {
    const { ask, isPicked, ...rest } = asking
    const problemOf = (parameter: Parameter, value: unknown) => problemOfValue(script.args, parameter, value)
    given = { ...given, values: { ...given.values, ...(await ask({ ...rest, argv, missing, problemOf })) } }
    maskSecrets(host, parameters, given)
  }
  const command = args === undefined ? asking?.command : undefined
  return { parameters, given, args: await checkArguments(script.args, given, parameters, command) }
}

// --- internal ---

function maskSecrets({ redactor }: Pick<Host, 'redactor'>, parameters: readonly Parameter[], { values }: Given): void {
  const secrets = parameters.filter(({ secret }) => secret).flatMap(({ key }) => values[key])
  for (const value of secrets) if (typeof value === 'string') redactor.add(value)
}
