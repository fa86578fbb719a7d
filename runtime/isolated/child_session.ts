/** The session of an isolated script: the ordinary client, whose transport is the broker of the parent. */
import type { AccessTokenStatus } from '../auth/access_token.ts'
import { RefusedError } from '../core/errors.ts'
import { createRetryBudget } from '../graphql/exchange/retry_budget.ts'
import type { Config } from '../settings/config.ts'
import type { Session, SessionConnection } from '../tasks/run/session.ts'
import { type Transport, TransportFailure } from '../transport/transport.ts'
import { ERROR_HEADER, LIMIT_HEADER } from './broker_headers.ts'
import type { Assignment, KnownConfig } from './messages.ts'
import type { Parent } from './parent.ts'
import { type Thrown, thrownFrom } from './thrown.ts'
import { decode } from './values.ts'

/** Makes the session of this process one that knows no secret. */
export function isolateSession(session: Session, parent: Parent): void {
  const { assignment } = parent
  const { host } = session
  const { broker } = assignment
  Object.assign(host, { transport: broker ? brokerTransport(host.transport, broker) : NO_TRANSPORT })
  session.directory = assignment.directory
  let known: Promise<Config> | undefined
  const connection = async (profile: string | undefined): Promise<SessionConnection> => {
    known ??= parent.ask('connect').then(configOf)
    const config = await known
    if (profile !== undefined && profile !== config.profile) throw otherProfile(profile, config.profile)
    retryBudget ??= createRetryBudget()
    return { config, token: tokenOf(parent, refuseToken), retryBudget, user: undefined }
  }
  let retryBudget: SessionConnection['retryBudget'] | undefined
  session.connect = connection
  const key = broker?.key ?? ''
  // Only the client gets the key, which is of use to nobody but the broker.
  Object.assign(session.clientContext, {
    connect: async (profile: string | undefined) => ({
      ...(await connection(profile)),
      token: tokenOf(parent, async () => key),
    }),
  })
}

// --- internal ---

function configOf(value: unknown): Config {
  const { graphqlUrl, ...config } = value as KnownConfig
  return { ...config, graphqlUrl: new URL(graphqlUrl) } as Config
}

function tokenOf(parent: Parent, get: () => Promise<string>): SessionConnection['token'] {
  return {
    get,
    status: () => parent.ask('token status') as never as AccessTokenStatus,
    // The parent has done it when the client hears of a refusal.
    invalidate() {},
    clear: () => refuseToken() as never,
  }
}

async function refuseToken(): Promise<never> {
  throw new RefusedError(
    'Refused the access token: this script is isolated, and only its parent process has the token. wfg works without it.',
  )
}

function otherProfile(asked: string, profile: string): RefusedError {
  return new RefusedError(
    `Refused the profile ${JSON.stringify(asked)}: this script is isolated, and its run has the profile ${JSON.stringify(profile)}. Run it with --profile ${asked}.`,
  )
}

/** Sends every request to the broker instead of its own address. */
function brokerTransport({ send, close }: Transport, { port }: NonNullable<Assignment['broker']>): Transport {
  const url = new URL(`http://127.0.0.1:${port}/`)
  return {
    close,
    async send(request) {
      const headers = { ...request.headers, [LIMIT_HEADER]: String(request.maxBytes) }
      const { body, ...response } = await send({ ...request, url, headers })
      if (response.headers[ERROR_HEADER] === undefined) return { ...response, body }
      throw thrownFrom(decode(new TextDecoder().decode(body)) as Thrown)
    },
  }
}

const NO_TRANSPORT: Transport = {
  close() {},
  async send() {
    throw new TransportFailure('connect', 'ISOLATED', 'the script is only asked for its arguments, without any network')
  },
}
