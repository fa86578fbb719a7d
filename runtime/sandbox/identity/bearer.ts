/** Identifies a caller: the application of the bearer token, and the user that it acts as. */
import type { webcrypto } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { jwtVerify } from 'jose'
import { type User, userByName } from '../data/people.ts'
import { AUDIENCE, applicationOf } from './applications.ts'

const IMPERSONATE_HEADER = 'x-wfgen-impersonate-username'

/** WorkflowGen's "System operations allowed users", who may impersonate others by header. */
const MAY_IMPERSONATE = ['john_smith']

export type Caller =
  | { readonly actor: User }
  /** `forbidden` is true if the caller is known but may not do this. */
  | { readonly refused: string; readonly forbidden: boolean }

/** What a token is verified with. */
export interface Trust {
  readonly issuer: string
  readonly publicKey: webcrypto.CryptoKey
  readonly keyId: string
}

export async function identifyCaller(headers: IncomingHttpHeaders, trust: Trust): Promise<Caller> {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  if (token === undefined) return refuse('The request has no bearer token.')
  const clientId = await verifiedClientId(token, trust)
  if (clientId === undefined)
    return refuse('The bearer token is not valid: wrong issuer, audience or signature, or expired.')
  const registration = applicationOf(clientId)?.registration
  if (!registration) return refuse(`No application with the client ID "${clientId}" is registered.`)
  if (!registration.active) return refuse(`The application with the client ID "${clientId}" is not active.`)
  const actor = userByName(registration.impersonateUserName)
  return actor ? impersonate(actor, headers[IMPERSONATE_HEADER]) : refuse('The user of the application does not exist.')
}

// --- internal ---

async function verifiedClientId(token: string, { issuer, publicKey, keyId }: Trust): Promise<unknown> {
  const expected = { issuer, audience: AUDIENCE, algorithms: ['RS256'] }
  try {
    const { payload, protectedHeader } = await jwtVerify(token, publicKey, expected)
    return protectedHeader.kid === keyId ? payload['azp'] : undefined
  } catch {
    return undefined
  }
}

function impersonate(actor: User, userName: string | string[] | undefined): Caller {
  if (userName === undefined) return { actor }
  if (!MAY_IMPERSONATE.includes(actor.userName)) return refuse(`"${actor.userName}" may not impersonate users.`, true)
  const other = userByName(String(userName))
  return other?.isActive ? { actor: other } : refuse(`There is no active user "${userName}" to impersonate.`, true)
}

function refuse(refused: string, forbidden = false): Caller {
  return { refused, forbidden }
}
