/** A sandbox for one test, and a caller of it. */
import * as assert from 'uvu/assert'
import {
  APPLICATIONS,
  AUDIENCE,
  type Sandbox,
  type SandboxApplication,
  type SandboxOptions,
  startSandbox,
} from '../../runtime/sandbox/mod.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface GraphQLAnswer extends Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for
  readonly data: any
  readonly errors: readonly { message: string; path?: (string | number)[] }[] | undefined
}

export interface Caller {
  readonly sandbox: Sandbox
  /** An access token of `application`, by a real token request. */
  token(application?: SandboxApplication): Promise<string>
  requestToken(parameters: Record<string, unknown>, options?: { json?: boolean; basic?: string }): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  /** Posts JSON as `application`, by default the one of the settings. */
  graphql(
    query: string,
    variables?: unknown,
    options?: { application?: SandboxApplication; headers?: Record<string, string> },
  ): Promise<GraphQLAnswer>
  /** The `data` of an answer without errors. */
  data(
    query: string,
    variables?: unknown,
    options?: { application?: SandboxApplication },
  ): Promise<GraphQLAnswer['data']>
}

/** Starts a sandbox for `work`, and closes it afterwards whatever happened. */
export async function withSandbox(work: (caller: Caller) => Promise<void>, options?: SandboxOptions): Promise<void> {
  const sandbox = await startSandbox(options)
  try {
    await work(createCaller(sandbox))
  } finally {
    await sandbox.close()
  }
}

/** The parameters of a token request as `application`. */
export function grant({ clientId, clientSecret }: SandboxApplication): Record<string, string> {
  return { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, audience: AUDIENCE }
}

/** Claims of a JWT, or its header, without verifying it. */
export function decode(token: string, part: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[part]!, 'base64url').toString())
}

// --- internal ---

function createCaller(sandbox: Sandbox): Caller {
  const tokens = new Map<SandboxApplication, Promise<string>>()
  const caller: Caller = {
    sandbox,
    token(application = APPLICATIONS.scripts) {
      const token = tokens.get(application) ?? caller.requestToken(grant(application)).then(accessToken)
      tokens.set(application, token)
      return token
    },
    requestToken(parameters, { json = false, basic } = {}) {
      return send(`${sandbox.issuer}oauth/token`, {
        method: 'POST',
        headers: {
          'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
          ...(basic ? { authorization: `Basic ${btoa(basic)}` } : {}),
        },
        body: json ? JSON.stringify(parameters) : new URLSearchParams(parameters as Record<string, string>).toString(),
      })
    },
    get: (path, headers = {}) => send(sandbox.origin + path, { headers }),
    async graphql(query, variables, { application, headers } = {}) {
      const authorization = `Bearer ${await caller.token(application)}`
      const answer = await send(sandbox.graphqlUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization, ...headers },
        body: JSON.stringify({ query, variables }),
      })
      return { ...answer, ...JSON.parse(answer.text) }
    },
    async data(query, variables, options) {
      const { errors, data } = await caller.graphql(query, variables, options)
      assert.is(errors, undefined)
      return data
    },
  }
  return caller
}

function accessToken(answer: Answer): string {
  assert.is(answer.status, 200, answer.text)
  return JSON.parse(answer.text).access_token
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init)
  return { status: response.status, headers: response.headers, text: await response.text() }
}
