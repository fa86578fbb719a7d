/** Whether WorkflowGen answers GraphQL and accepts the token, and as whom: with the token of the step before. */
import type { AccessTokenSource } from '../auth/access_token.ts'
import { WfgError } from '../core/errors.ts'
import { createClient } from '../graphql/client/client.ts'
import type { Wfg } from '../graphql/client/wfg.ts'
import { createRetryBudget } from '../graphql/exchange/retry_budget.ts'
import { graphqlRemedy } from './graphql_remedies.ts'
import { connectionOf, type Finding, failedBy, type Patient, type Step } from './step.ts'

export const graphql: Step = {
  name: 'GraphQL',
  examine: (patient) =>
    asked(patient, async (wfg) => {
      const { status, durationMs, errors } = await wfg.execute(PING)
      // Sent again for the error that it is told by.
      if (errors) await wfg(PING)
      const { origin, pathname } = connectionOf(patient).config.graphqlUrl
      return { status: 'ok', detail: `${origin}${pathname} answered ${status} in ${Math.round(durationMs)} ms` }
    }),
}

export const user: Step = {
  name: 'user',
  examine: (patient) =>
    asked(patient, async (wfg) => {
      const { viewer } = await wfg('query Doctor { viewer { userName } }')
      const userName: unknown = viewer?.userName
      if (typeof userName === 'string' && userName !== '') {
        return { status: 'ok', detail: `the script acts as ${JSON.stringify(userName)}` }
      }
      return {
        status: 'failed',
        detail: 'WorkflowGen accepts the token and names no user',
        remedy:
          'In WorkflowGen, Administration > Applications > the application with this Client ID: Impersonate username must be an existing, active user.',
        exitCode: 3,
      }
    }),
}

// --- internal ---

const PING = 'query Doctor { __typename }'

async function asked(patient: Patient, ask: (wfg: Wfg) => Promise<Finding>): Promise<Finding> {
  const { config } = connectionOf(patient)
  try {
    return await ask(clientOf(patient))
  } catch (error) {
    if (!(error instanceof WfgError)) throw error
    return failedBy(error, graphqlRemedy(error, config.impersonate !== undefined))
  }
}

function clientOf(patient: Patient): Wfg {
  const { host, signal, flags, token = '' } = patient
  const { config, noteUser } = connectionOf(patient)
  return createClient({
    host,
    connect: async () => ({
      ...{ config, token: fixedToken(token), retryBudget: createRetryBudget() },
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

/** The token that was examined: another one would say nothing of it. */
function fixedToken(value: string): AccessTokenSource {
  return {
    get: async () => value,
    status: () => ({ valid: true, requestedAtMs: undefined, remainingMs: undefined }),
    invalidate() {},
    clear() {},
  }
}
