/** A `wfg` without a server: answers by operation name, strict about what was not expected and what was not used. */

import { UsageError } from '../core/errors.ts'
import { createClient } from '../graphql/client/client.ts'
import type { Variables } from '../graphql/client/options.ts'
import type { Wfg } from '../graphql/client/wfg.ts'
import { createRetryBudget } from '../graphql/exchange/retry_budget.ts'
import { pulledSchema } from '../graphql/schema/pulled_schema.ts'
import { systemHost } from '../host/host.ts'
import type { Config } from '../settings/config.ts'
import { runSettings } from '../tasks/run/session.ts'
import type { TransportRequest, TransportResponse } from '../transport/transport.ts'
import { answerTo, type FakeAnswer } from './fake_answer.ts'
import { readRequest } from './fake_request.ts'
import { type ChosenSchema, chooseSchema } from './fake_schema.ts'

export type FakeAnswers = Readonly<Record<string, FakeAnswer | readonly FakeAnswer[]>>

export interface FakeCall {
  readonly operationName: string
  /** An upload is a `File` that holds what was sent. */
  readonly variables: Variables
}

export interface FakeWfg extends Wfg {
  /** What was sent, in order. */
  readonly calls: readonly FakeCall[]
  /** @throws {Error} naming the answers that no call used */
  assertDone(): void
}

export interface FakeOptions {
  /**
   * Whose schema counts, of those that `schema pull` keeps in `scripts/.schema`. Default: that of the profile which this
   * process would use, else the only one; never the sandbox's.
   */
  readonly profile?: string
}

/**
 * Where a schema was pulled, the fake goes by it: it refuses a document or variables that do not fit, and an answer that a
 * server could not give, and fills in what an answer leaves out. Otherwise an answer has all that the document selects.
 *
 * @param answers by operation name; a list is used up in its order, anything else serves every call
 * @throws {UsageError} `WFG_USAGE` for a profile whose schema was not pulled
 * @example
 * const wfg = fakeWfg({ Viewer: { viewer: { userName: 'john_smith' } } })
 * assert.is((await wfg(Viewer)).viewer.userName, 'john_smith')
 * wfg.assertDone()
 */
export function fakeWfg(answers: FakeAnswers, { profile }: FakeOptions = {}): FakeWfg {
  return createFake(answers, chooseSchema(systemHost(), profile))
}

/** @param pulled the schema that it goes by; none where it is left out */
export function createFake(answers: FakeAnswers, pulled?: ChosenSchema): FakeWfg {
  const host = systemHost()
  const schemaOf = async () => pulled && pulledSchema(pulled.directory, pulled.profile)
  const calls: FakeCall[] = []
  const used = new Map<string, number>()
  const answer = async (request: TransportRequest): Promise<TransportResponse> => {
    const asked = await readRequest(request)
    const name = asked.operation.name ?? ''
    calls.push({ operationName: name, variables: asked.variables })
    const chosen = choose(answers, name, used.get(name) ?? 0)
    used.set(name, (used.get(name) ?? 0) + 1)
    return response(await answerTo(asked, chosen, await schemaOf()))
  }
  const retryBudget = createRetryBudget()
  const client = createClient({
    host: { ...host, transport: { send: answer, close: () => {} } },
    connect: async () => ({ config: CONFIG, token: TOKEN, retryBudget }),
    inFlight: new Set(),
    run: async () => runSettings(),
    schemaOf,
    // An answer is for one call, so every entry of a bulk is one.
    mergesBulk: false,
  })
  return Object.assign(client, {
    calls,
    assertDone() {
      const unused = Object.entries(answers).filter(
        ([name, given]) => (used.get(name) ?? 0) < (Array.isArray(given) ? given.length : 1),
      )
      if (unused.length === 0) return
      throw new Error(
        `The fake has answers that were not used: ${unused.map(([name]) => JSON.stringify(name)).join(', ')}.`,
      )
    },
  })
}

// --- internal ---

const CONFIG: Config = {
  profile: 'fake',
  graphqlUrl: new URL('http://127.0.0.1/wfgen/graphql'),
  issuer: undefined,
  tokenEndpoint: undefined,
  clientId: 'fake',
  clientSecret: undefined,
  privateKeyFile: undefined,
  privateKeyId: undefined,
  certificateFile: undefined,
  clientAuth: 'client_secret_post',
  audience: undefined,
  resource: undefined,
  scope: undefined,
  organization: undefined,
  provider: undefined,
  impersonate: undefined,
  impersonateHeader: 'x-wfgen-impersonate-username',
  timeoutMs: 30_000,
  concurrency: 4,
  tokenCache: 'off',
  cacheDir: undefined,
  databaseUrl: undefined,
  dryRun: false,
  protected: false,
}

const TOKEN = {
  get: async () => 'fake',
  status: () => ({ valid: true, requestedAtMs: undefined, remainingMs: undefined }),
  invalidate: () => {},
  clear: () => {},
}

function choose(answers: FakeAnswers, name: string, index: number): FakeAnswer {
  const given = Object.hasOwn(answers, name) ? answers[name] : undefined
  const chosen = Array.isArray(given) ? (given as readonly FakeAnswer[])[index] : (given as FakeAnswer | undefined)
  if (chosen !== undefined) return chosen
  const found =
    given === undefined
      ? `it has answers for ${
          Object.keys(answers)
            .map((each) => JSON.stringify(each))
            .join(', ') || 'none'
        }`
      : `its ${index} answers for it are used up`
  throw new UsageError(`The fake did not expect the operation ${JSON.stringify(name)}: ${found}.`)
}

function response(body: object): TransportResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  }
}
