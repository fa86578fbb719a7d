/**
 * `#wfg`: all that a script may import. Importing it takes the secrets out of the process environment.
 *
 * @module
 * @example
 * import { wfg } from '#wfg'
 * const { viewer } = await wfg`query { viewer { userName } }`
 */

export type { AccessTokenStatus } from './auth/access_token.ts'
export type { ConfigProblem, GraphQLErrorEntry, TransportErrorCode } from './core/errors.ts'

import { instanceOptions } from './compose.ts'
import { processInstance } from './tasks/run/instance.ts'

export {
  AccessTokenError,
  AuthorizationError,
  ConfigError,
  GraphQLExecutionError,
  GraphQLRequestError,
  isWfgError,
  OutcomeUnknownError,
  RefusedError,
  TransportError,
  UsageError,
  WfgError,
} from './core/errors.ts'
export type {
  BulkOptions,
  BulkPlan,
  CallOptions,
  DataSchema,
  PaginateOptions,
  Variables,
  WfgOptions,
} from './graphql/client/options.ts'
export type { BulkOutcome, BulkOutcomes, BulkStatus, ExecutionResult, Wfg } from './graphql/client/wfg.ts'
export type { Upload } from './graphql/document/file.ts'
export type { EnumValue } from './graphql/document/literal.ts'
export { enumValue } from './graphql/document/literal.ts'
export type { Document, TypedDocumentNode, TypedDocumentString } from './graphql/document/operation.ts'
export type { Log, ScriptContext, ScriptDefinition, Server, TokenAccess } from './script/define.ts'
export { defineScript } from './script/define.ts'
export type { DefaultToken } from './tasks/run/instance.ts'

export const { createWfg, file, gql, token, wfg } = processInstance(instanceOptions)
