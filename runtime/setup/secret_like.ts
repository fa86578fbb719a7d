/** Recognises a secret that was typed where another setting is wanted. */
import type { SettingName } from '../settings/setting_rules.ts'

/**
 * Says what the value looks like and what is wanted; undefined if it may be that setting. The text does not contain the value.
 *
 * @param secret the client secret that was given before
 */
export function secretProblem(name: SettingName, value: string, secret: string | undefined): string | undefined {
  const wanted = WANTED[name]
  if (wanted === undefined) return undefined
  if (value !== '' && value === secret) return `is the client secret; expected ${wanted.text}`
  return looksRandom(value, wanted.shortestSecret)
    ? `looks like a client secret (a long mix of letters and digits); expected ${wanted.text}`
    : undefined
}

// --- internal ---

const WANTED: { readonly [Name in SettingName]?: { readonly text: string; readonly shortestSecret: number } } = {
  // Auth0 has client IDs of 32 random characters.
  WFG_CLIENT_ID: { text: 'the client ID, which is shown beside the secret', shortestSecret: 36 },
  WFG_AUDIENCE: {
    text: 'the identifier of the WorkflowGen GraphQL API, such as https://workflow.example.com/wfgen/graphql',
    shortestSecret: 24,
  },
}

const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** True for text such as a generator of secrets gives. Names that people choose rarely change between kinds of characters. */
function looksRandom(value: string, shortest: number): boolean {
  if (value.length < shortest || !/^[\w.~+/=-]+$/.test(value) || GUID.test(value)) return false
  const letters = value.replace(/[\W_]/g, '')
  if (/^[\da-f]{32,}$/i.test(letters)) return true
  const runs = letters.match(/[a-z]+|[A-Z]+|\d+/g) ?? []
  return /\d/.test(letters) && runs.length > letters.length * 0.4
}
