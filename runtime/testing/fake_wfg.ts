/** `fakeWfg`: a `wfg` without a server. It refuses unexpected operations, and reports unused answers. */
import { UsageError } from '../core/errors.ts'
import { createClient } from '../graphql/client/client.ts'
import type { Variables } from '../graphql/client/options.ts'
import type { Wfg } from '../graphql/client/wfg.ts'
import { createRetryBudget } from '../graphql/exchange/retry_budget.ts'
import { loadPulledSchema } from '../graphql/schema/schema_files.ts'
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
  /** An upload is a `File` with the sent content. */
  readonly variables: Variables
}

export interface FakeWfg extends Wfg {
  /** The calls, in order. */
  readonly calls: readonly FakeCall[]
  /** @throws {Error} with the names of unused answers */
  assertDone(): void
}

export interface FakeOptions {
  /**
   * The profile whose schema in `scripts/.schema` is used. Default: the profile that this process would use, or else the only
   * one there; never the sandbox.
   */
  readonly profile?: string
}

/**
 * Returns a client that answers from `answers`. If a schema was pulled, documents, variables and answers must fit it, and
 * omitted fields are filled in. Otherwise an answer must have everything that the document selects.
 *
 * @param answers by operation name. A list is used up in order; any other answer serves every call
 * @throws {UsageError} `WFG_USAGE` for a profile whose schema was not pulled
 * @example
 * const wfg = fakeWfg({ Viewer: { viewer: { userName: 'john_smith' } } })
 * assert.is((await wfg(Viewer)).viewer.userName, 'john_smith')
 * wfg.assertDone()
 */
export function fakeWfg(answers: FakeAnswers, { profile }: FakeOptions = {}): FakeWfg {
  return createFake(answers, chooseSchema(systemHost(), profile))
}

/** @param pulled the schema that it uses, if any */
export function createFake(answers: FakeAnswers, pulled?: ChosenSchema): FakeWfg {
  const host = systemHost()
  const schemaOf = async () => pulled && loadPulledSchema(pulled.directory, pulled.profile)
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
    // Each answer serves one entry of a bulk.
    mergesBulk: false,
  })
  return Object.assign(client, {
    calls,
    assertDone() {
      const unused = Object.entries(answers).filter(
        ([name, given]) => (used.get(name) ?? 0) < (Array.isArray(given) ? given.length : 1),
      )
      if (unused.length === 0) return
      throw new Error(`The fake has unused answers: ${unused.map(([name]) => JSON.stringify(name)).join(', ')}.`)
    },
  })
}

// --- internal ---

/** Settings that are left out are undefined. */
const CONFIG = {
  profile: 'fake',
  graphqlUrl: new URL('http://127.0.0.1/wfgen/graphql'),
  impersonateHeader: 'x-wfgen-impersonate-username',
  timeoutMs: 30_000,
  concurrency: 4,
  dryRun: false,
  protected: false,
} as Config

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
