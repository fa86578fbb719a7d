/** What a script is: its arguments and what it does with them. */

import type * as v from 'valibot'
import type { $ as Shell } from 'zx'
import { UsageError } from '../core/errors.ts'
import type { Wfg } from '../graphql/client/wfg.ts'

/** Writes to standard error, so that standard output carries the result alone. */
export interface Log {
  (message: string): void
  warn(message: string): void
  /** Shown with `--verbose`. */
  debug(message: string): void
}

/** The server of the run. */
export interface Server {
  /** `default` where no profile was chosen. */
  readonly profile: string
  /** The GraphQL endpoint. */
  readonly url: string
  /** Mutations are shown instead of sent. */
  readonly dryRun: boolean
}

export interface TokenAccess {
  /** The access token to use now. Scripts rarely need it: `wfg` attaches it. */
  get(): Promise<string>
}

/** What `run` is given. */
export interface ScriptContext<Args> {
  readonly args: Args
  readonly wfg: Wfg
  readonly token: TokenAccess
  /** Where `wfg` sends to; a script that writes files of its own leaves them alone in a dry run. */
  server(): Promise<Server>
  readonly log: Log
  /** Shows how far the work has come. */
  progress(done: number, total?: number): void
  /**
   * Asks a question that `--yes` answers with yes.
   *
   * @throws {RefusedError} `WFG_REFUSED` when nobody is there to answer
   */
  confirm(question: string): Promise<boolean>
  /** Aborts on Ctrl-C and when the time is over. */
  readonly signal: AbortSignal
  /** zx's `$`, quiet; its environment holds no secret of ours. */
  readonly $: typeof Shell
}

/** A valibot object schema, plain or asynchronous. */
export type ArgumentsSchema = v.GenericSchema | v.GenericSchemaAsync

export interface ScriptDefinition<Schema extends ArgumentsSchema | undefined, Result> {
  /** Arguments, as a valibot object; gives flags, help and the type of `args`. */
  args?: Schema
  /** Keys of `args` that are given without a flag, in this order. */
  positionals?: readonly string[]
  /** One-letter flags by key of `args`: `{ since: 's' }` makes `-s` of `--since`. */
  short?: Readonly<Record<string, string>>
  /** Command lines for the help, without the task's name. */
  examples?: readonly string[]
  /** What it returns or yields is the result: rows, one row, or a value. */
  run(context: ScriptContext<Schema extends ArgumentsSchema ? v.InferOutput<Schema> : Record<string, never>>): Result
}

const brand: unique symbol = Symbol.for('wfg.script') as never

// biome-ignore lint/suspicious/noExplicitAny: a script is run with what its own schema gave
export interface Script extends ScriptDefinition<ArgumentsSchema | undefined, any> {
  readonly [brand]: true
}

/**
 * Defines a script; export it as the file's default.
 *
 * @throws {UsageError} `WFG_USAGE` when the definition lacks `run`
 * @example
 * export default defineScript({
 *   async run({ wfg }) {
 *     return (await wfg`query { viewer { userName } }`).viewer
 *   },
 * })
 */
export function defineScript<const Schema extends ArgumentsSchema | undefined = undefined, Result = unknown>(
  definition: ScriptDefinition<Schema, Result>,
): ScriptDefinition<Schema, Result> {
  if (typeof definition?.run !== 'function') {
    throw new UsageError(
      'Cannot define the script: it has no function run; expected defineScript({ run(context) { … } }).',
    )
  }
  const script = Object.assign(Object.create(null) as object, definition, { [brand]: true as const })
  defined.count += 1
  onDefine?.(script as unknown as Script, new Error().stack ?? '')
  return script
}

export function isScript(value: unknown): value is Script {
  return typeof value === 'object' && value !== null && brand in value
}

/** How many scripts have been defined: tells a forgotten `export default` from a plain file. */
export const defined = { count: 0 }

let onDefine: ((script: Script, stack: string) => void) | undefined

/** Called for every script from now on; a file that was started directly is recognised this way. */
export function watchDefinitions(callback: (script: Script, stack: string) => void): void {
  onDefine = callback
}
