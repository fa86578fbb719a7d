/**
 * `#wfg`: all that a script may import. Importing it takes the secrets out of the process environment.
 *
 * @module
 * @example
 * import { wfg } from '#wfg'
 * const { viewer } = await wfg`query { viewer { userName } }`
 */

export type { AccessTokenStatus } from './auth/access_token.ts'
export type { ConfigProblem, GraphQLErrorEntry, TransportErrorCode } from './errors.ts'

import { surroundings } from './compose.ts'
import { processInstance } from './tasks/instance.ts'

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
} from './errors.ts'
export type { Document, TypedDocumentNode, TypedDocumentString } from './graphql/document.ts'
export type { Upload } from './graphql/file.ts'
export type { EnumValue } from './graphql/literal.ts'
export { enumValue } from './graphql/literal.ts'
export type { BulkOptions, CallOptions, DataSchema, PaginateOptions, Variables, WfgOptions } from './graphql/options.ts'
export type { BulkOutcome, BulkOutcomes, BulkStatus, ExecutionResult, Wfg } from './graphql/wfg.ts'
export type { Log, ScriptContext, ScriptDefinition, Server, TokenAccess } from './tasks/define.ts'
export { defineScript } from './tasks/define.ts'
export type { DefaultToken } from './tasks/instance.ts'

export const { createWfg, file, gql, token, wfg } = processInstance(surroundings)
