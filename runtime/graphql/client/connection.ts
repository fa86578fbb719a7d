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
  /** Told the name of the user whom a query says that it was executed for. */
  noteUser?(name: string): void
}

/** What the run says for every client in it. Each member can only tighten what a client says. */
export interface RunSettings {
  readonly profile: string | undefined
  readonly access: 'read' | 'write'
  readonly dryRun: boolean
  /** The profile that was confirmed by name, where one had to be. */
  readonly confirmed: string | undefined
  readonly verbose: boolean
  /** Says only errors. */
  readonly quiet: boolean
  /** Aborts every call of the run. */
  readonly signal: AbortSignal | undefined
}

/** How a client finds its server and the run it belongs to. */
export interface ClientContext {
  readonly host: ClientHost
  /** Opens the connection of a profile; the run's own where it is undefined. */
  connect(profile: string | undefined): Promise<Connection>
  run(): Promise<RunSettings>
  /** The schema that a call must fit before it is sent, or shown in a dry run; undefined where the server alone judges. */
  schemaOf?(profile: string, isDry: boolean): Promise<PulledSchema | undefined> | undefined
  /** Mutations that were sent and not answered yet, one member a call. */
  readonly inFlight: Set<Pick<Operation, 'kind' | 'name'>>
  /** Called before an operation is sent, and may throw to refuse it; not called for what a dry run only shows. */
  onOperation?(kind: Operation['kind']): void
  /** An entry of a bulk ended without being done. */
  onIncomplete?(): void
  /** False sends every entry of a bulk alone. */
  readonly mergesBulk?: boolean
}
