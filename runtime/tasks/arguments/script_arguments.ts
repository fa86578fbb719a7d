/** The arguments of one run: its flags, else its arguments file, or what `tasks.ts` gives a needed task. */
import type { Host } from '../../host/host.ts'
import type { Script } from '../../script/define.ts'
import { type Given, parseArguments } from './arguments.ts'
import { missingParameters, problemOfValue } from './check_arguments.ts'
import { isLoose, type Parameter, readParameters } from './schema.ts'

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

/** What a person at a terminal is asked. */
export interface AskedArguments {
  readonly missing: readonly Parameter[]
  /** What precedes the arguments on a command line. */
  readonly command: string
  readonly argv: readonly string[]
  readonly noColor: boolean
  readonly signal: AbortSignal
  /** Why the value cannot be taken. */
  problemOf(parameter: Parameter, value: unknown): string | undefined
}

export interface Asking extends Pick<AskedArguments, 'command' | 'noColor' | 'signal'> {
  /** Undefined where nobody is asked, as for a needed task. */
  readonly ask: ((asked: AskedArguments) => Promise<Record<string, unknown>>) | undefined
  /** The task was picked from a list, so the line that does the same is shown in any case. */
  readonly isPicked: boolean
}

/**
 * What was given, before the script's schema judges it. From now on its secrets are masked wherever we print.
 *
 * @throws {UsageError} `WFG_USAGE` for an arguments file that cannot be read
 */
export async function givenArguments(
  host: Pick<Host, 'cwd' | 'redactor' | 'stdin'>,
  script: Script,
  { name, argv, argsFile, args }: GivenArguments,
  { ask, isPicked, ...asking }: Asking,
): Promise<{ readonly parameters: readonly Parameter[]; readonly given: Given }> {
  const parameters = readParameters(script.args, script)
  const loose = script.args !== undefined && isLoose(script.args)
  let given = parseArguments(parameters, argv)
  if (argsFile !== undefined) {
    const { mergeArguments, readArgumentsFile } = await import('./arguments_file.ts')
    given = mergeArguments(parameters, await readArgumentsFile(host, argsFile), given, { loose })
  }
  if (args !== undefined) {
    const { mergeArguments } = await import('./arguments_file.ts')
    given = mergeArguments(parameters, args, given, { loose, source: `the arguments of ${JSON.stringify(name)}` })
  }
  hideSecrets(host, parameters, given)
  const missing = missingParameters(parameters, given)
  // What was typed wrong is said first: nobody likes to answer and then hear of it.
  if (ask && given.problems.length === 0 && (missing.length > 0 || isPicked)) {
    const problemOf = (parameter: Parameter, value: unknown) => problemOfValue(script.args, parameter, value)
    given = { ...given, values: { ...given.values, ...(await ask({ ...asking, argv, missing, problemOf })) } }
    hideSecrets(host, parameters, given)
  }
  return { parameters, given }
}

// --- internal ---

function hideSecrets({ redactor }: Pick<Host, 'redactor'>, parameters: readonly Parameter[], { values }: Given): void {
  const secrets = parameters.filter(({ secret }) => secret).flatMap(({ key }) => values[key])
  for (const value of secrets) if (typeof value === 'string') redactor.add(value)
}
