/** `defineScript` and the types of a script. */

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
  /** `default` if no profile was chosen. */
  readonly profile: string
  /** The GraphQL endpoint. */
  readonly url: string
  /** The address of the web client (WFG_WEB_URL). `{request}` in it stands for the number of a request. */
  readonly webUrl: string | undefined
  /** Mutations are shown instead of sent. */
  readonly dryRun: boolean
}

export interface TokenAccess {
  /** The access token to use now. Scripts rarely need it: `wfg` attaches it. */
  get(): Promise<string>
}

/** The argument of `run`. */
export interface ScriptContext<Args> {
  readonly args: Args
  readonly wfg: Wfg
  readonly token: TokenAccess
  /** The server that `wfg` sends to. A script that writes files should not write them in a dry run. */
  server(): Promise<Server>
  readonly log: Log
  /**
   * Shows the progress of the work, with its rate and the time left.
   *
   * @param detail shown after the count, such as `3 failed`
   */
  progress(done: number, total?: number, detail?: string): void
  /**
   * Asks a question that `--yes` answers with yes.
   *
   * @throws {RefusedError} `WFG_REFUSED` if nobody can answer
   */
  confirm(question: string): Promise<boolean>
  /** The words before a task or command on a command line here, such as `npx wfg`, for a message that tells what to type. */
  readonly command: string
  /** Aborts on Ctrl-C and at the timeout. */
  readonly signal: AbortSignal
  /** zx's `$`, quiet, and without the secrets of `wfg` in its environment. */
  readonly $: typeof Shell
}

/** A valibot object schema, plain or asynchronous. */
export type ArgumentsSchema = v.GenericSchema | v.GenericSchemaAsync

export interface ScriptDefinition<Schema extends ArgumentsSchema | undefined, Result> {
  /** Arguments, as a valibot object. It gives the flags, the help and the type of `args`. */
  args?: Schema
  /** Keys of `args` that are passed without a flag, in this order. */
  positionals?: readonly string[]
  /** One-letter flags by key of `args`: `{ since: 's' }` makes `-s` of `--since`. */
  short?: Readonly<Record<string, string>>
  /** Command lines for the help, without the task's name. */
  examples?: readonly string[]
  /** Returns or yields the result: rows, one row, or a value. */
  run(context: ScriptContext<Schema extends ArgumentsSchema ? v.InferOutput<Schema> : Record<string, never>>): Result
}

const brand: unique symbol = Symbol.for('wfg.script') as never

// biome-ignore lint/suspicious/noExplicitAny: each script gets the arguments of its own schema
export interface Script extends ScriptDefinition<ArgumentsSchema | undefined, any> {
  readonly [brand]: true
}

/**
 * Defines a script; export it as the file's default.
 *
 * @throws {UsageError} `WFG_USAGE` if the definition has no `run`
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

/** Number of scripts defined so far. It tells a forgotten `export default` from a plain file. */
export const defined = { count: 0 }

let onDefine: ((script: Script, stack: string) => void) | undefined

/** Calls back for every script defined from now on, to recognise a file that was started directly. */
export function watchDefinitions(callback: (script: Script, stack: string) => void): void {
  onDefine = callback
}
