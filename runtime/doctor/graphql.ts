/** Checks that WorkflowGen answers GraphQL, accepts the token of the step "token", and maps it to a user. */
import type { AccessTokenSource } from '../auth/access_token.ts'
import { WfgError } from '../core/errors.ts'
import { createClient } from '../graphql/client/client.ts'
import type { Wfg } from '../graphql/client/wfg.ts'
import { createRetryBudget } from '../graphql/exchange/retry_budget.ts'
import { graphqlRemedy } from './graphql_remedies.ts'
import { connectionOf, type DoctorContext, type Finding, failed, failedBy, type Step } from './step.ts'

export const graphql: Step = {
  name: 'GraphQL',
  check: (context) =>
    withRemedy(context, async (wfg) => {
      const { status, durationMs, errors } = await wfg.execute(PING)
      // Asks again so that the client throws its usual error.
      if (errors) await wfg(PING)
      const { origin, pathname } = connectionOf(context).config.graphqlUrl
      return { status: 'ok', detail: `${origin}${pathname} answered ${status} in ${Math.round(durationMs)} ms` }
    }),
}

export const user: Step = {
  name: 'user',
  check: (context) =>
    withRemedy(context, async (wfg) => {
      const { viewer } = await wfg('query Doctor { viewer { userName } }')
      const userName: unknown = viewer?.userName
      if (typeof userName === 'string' && userName !== '') {
        return { status: 'ok', detail: `the script acts as ${JSON.stringify(userName)}` }
      }
      return failed(
        3,
        'WorkflowGen accepts the token but returns no user',
        'In WorkflowGen, Administration > Applications > the application with this Client ID: Impersonate username must be an existing, active user.',
      )
    }),
}

// --- internal ---

const PING = 'query Doctor { __typename }'

/** Adds to an error what to do about it in WorkflowGen. */
async function withRemedy(context: DoctorContext, ask: (wfg: Wfg) => Promise<Finding>): Promise<Finding> {
  const { config } = connectionOf(context)
  try {
    return await ask(clientOf(context))
  } catch (error) {
    if (!(error instanceof WfgError)) throw error
    return failedBy(error, graphqlRemedy(error, config.impersonate !== undefined))
  }
}

function clientOf(context: DoctorContext): Wfg {
  const { host, signal, flags, token = '' } = context
  const { config, noteUser } = connectionOf(context)
  return createClient({
    host,
    connect: async () => ({
      config,
      token: fixedToken(token),
      retryBudget: createRetryBudget(),
      ...(noteUser ? { noteUser } : {}),
    }),
    inFlight: new Set(),
    run: async () => ({
      profile: config.profile,
      access: 'read',
      dryRun: false,
      confirmed: undefined,
      verbose: flags.verbose ?? false,
      quiet: flags.quiet ?? false,
      signal,
    }),
  })
}

/** Always the token that the steps before have checked. */
function fixedToken(value: string): AccessTokenSource {
  return {
    get: async () => value,
    status: () => ({ valid: true, requestedAtMs: undefined, remainingMs: undefined }),
    invalidate() {},
    clear() {},
  }
}
