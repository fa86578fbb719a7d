import type { AccessTokenSource } from '../../auth/access_token.ts'
import type { Config } from '../../settings/config.ts'
import type { NetworkHost } from '../../transport/transport.ts'
import type { Operation } from '../document/operation.ts'
import type { RetryBudget } from '../exchange/retry_budget.ts'
import type { PulledSchema } from '../schema/pulled_schema.ts'

export type ClientHost = Pick<
  NetworkHost,
  | 'transport'
  | 'nowMs'
  | 'monotonicMs'
  | 'random'
  | 'sleep'
  | 'turn'
  | 'after'
  | 'redactor'
  | 'stderr'
  | 'pid'
  | 'hostname'
  | 'isRunning'
  | 'isAllowed'
  | 'onExit'
>

/** What a client needs to reach one server. */
export interface Connection {
  readonly config: Config
  readonly token: AccessTokenSource
  readonly retryBudget: RetryBudget
  /** Receives the user name if a query selects `viewer { userName }`. */
  noteUser?(name: string): void
}

/** Settings of the run that apply to every client in it. They can only tighten a client's own. */
export interface RunSettings {
  readonly profile: string | undefined
  readonly access: 'read' | 'write'
  readonly dryRun: boolean
  /** The protected profile that the user confirmed by name. */
  readonly confirmed: string | undefined
  readonly verbose: boolean
  /** Only errors are printed. */
  readonly quiet: boolean
  /** Aborts every call of the run. */
  readonly signal: AbortSignal | undefined
}

/** Connects a client to its server and to the run. */
export interface ClientContext {
  readonly host: ClientHost
  /** Opens the connection of a profile. Default: the run's profile. */
  connect(profile: string | undefined): Promise<Connection>
  run(): Promise<RunSettings>
  /** Returns the schema that a call must fit before it is sent, or shown in a dry run. Undefined if there is none. */
  schemaOf?(profile: string, isDry: boolean): Promise<PulledSchema | undefined> | undefined
  /** Mutations that were sent and not answered yet, one for each call. */
  readonly inFlight: Set<Pick<Operation, 'kind' | 'name'>>
  /** Called before an operation is sent. May throw to refuse it. Not called for mutations in a dry run. */
  onOperation?(kind: Operation['kind']): void
  /** Called when an entry of a bulk ends and is not done. */
  onIncomplete?(): void
  /** False sends every entry of a bulk alone. */
  readonly mergesBulk?: boolean
}
