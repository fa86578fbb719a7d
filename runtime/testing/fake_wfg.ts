/** A `wfg` without a server: answers by operation name, strict about what was not expected and what was not used. */
import type { Config } from '../config.ts'
import { isWfgError, UsageError } from '../errors.ts'
import { createClient } from '../graphql/client.ts'
import type { Variables } from '../graphql/options.ts'
import { createRetryBudget } from '../graphql/retry_budget.ts'
import { fieldsOf, fragmentsOf, responseName } from '../graphql/selection.ts'
import type { Wfg } from '../graphql/wfg.ts'
import { systemHost } from '../host.ts'
import { NO_RUN } from '../tasks/session.ts'
import type { TransportRequest, TransportResponse } from '../transport/transport.ts'
import { type FakeRequest, readRequest } from './fake_request.ts'
import { missingFields } from './fake_selection.ts'

/**
 * `data`; or a whole answer, recognised by its list `errors`; or a function of the variables that gives one of these. What
 * it throws becomes a GraphQL error; an error of this package is thrown by the call, for example `OutcomeUnknownError`.
 */
export type FakeAnswer = object | ((variables: Variables) => object | Promise<object>)

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

/**
 * @param answers by operation name; a list is used up in its order, anything else serves every call
 * @example
 * const wfg = fakeWfg({ Viewer: { viewer: { userName: 'john_smith' } } })
 * assert.is((await wfg(Viewer)).viewer.userName, 'john_smith')
 * wfg.assertDone()
 */
export function fakeWfg(answers: Readonly<Record<string, FakeAnswer | readonly FakeAnswer[]>>): FakeWfg {
  const calls: FakeCall[] = []
  const used = new Map<string, number>()
  const answer = async (request: TransportRequest): Promise<TransportResponse> => {
    const asked = await readRequest(request)
    const name = asked.operation.name ?? ''
    calls.push({ operationName: name, variables: asked.variables })
    const chosen = choose(answers, name, used.get(name) ?? 0)
    used.set(name, (used.get(name) ?? 0) + 1)
    return response(await resultOf(chosen, asked))
  }
  const host = systemHost()
  const retryBudget = createRetryBudget()
  const client = createClient({
    host: { ...host, transport: { send: answer, close: () => {} } },
    connect: async () => ({ config: CONFIG, token: TOKEN, retryBudget }),
    inFlight: new Set(),
    run: async () => NO_RUN,
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

function choose(
  answers: Readonly<Record<string, FakeAnswer | readonly FakeAnswer[]>>,
  name: string,
  index: number,
): FakeAnswer {
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

async function resultOf(answer: FakeAnswer, request: FakeRequest): Promise<object> {
  const { operation, variables } = request
  let given: object
  try {
    given = typeof answer === 'function' ? await (answer as (given: Variables) => object)(variables) : answer
  } catch (error) {
    if (isWfgError(error)) throw error
    const [field] = fieldsOf(operation.definition.selectionSet, fragmentsOf(operation))
    const path = field ? [responseName(field)] : []
    return { data: null, errors: [{ message: error instanceof Error ? error.message : String(error), path }] }
  }
  const subject = `The fake's answer to ${JSON.stringify(operation.name ?? '')}`
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new UsageError(`${subject} is no object; expected its data, or a whole answer with its errors.`)
  }
  const whole = isWhole(given) ? given : { data: given }
  const lacking = missingFields(whole.data ?? null, request)
  if (lacking.length === 0) return whole
  throw new UsageError(`${subject} lacks what the document selects: ${lacking.join(', ')}.`)
}

function isWhole(answer: object): answer is { errors: readonly unknown[]; data?: unknown } {
  return Array.isArray((answer as { errors?: unknown }).errors)
}

function response(body: object): TransportResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  }
}
