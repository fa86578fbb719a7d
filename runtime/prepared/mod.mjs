/** `#wfg`, in whichever form the runtime is. */
import { load } from './prepared.mjs'

export const {
  AccessTokenError,
  AuthorizationError,
  ConfigError,
  createWfg,
  defineScript,
  enumValue,
  file,
  GraphQLExecutionError,
  GraphQLRequestError,
  gql,
  isWfgError,
  OutcomeUnknownError,
  RefusedError,
  TransportError,
  token,
  UsageError,
  WfgError,
  wfg,
} = await load('mod.ts')
