/** The document and the variables of `query`, from wherever a person keeps them. */
import { UsageError } from '../core/errors.ts'
import type { Variables } from '../graphql/client/options.ts'
import type { Host } from '../host/host.ts'
import { readText, STANDARD_INPUT } from './text_source.ts'

type Reader = Pick<Host, 'cwd' | 'stdin'>

/**
 * @param given the document itself, `@FILE`, `-`, or undefined for what is piped in
 * @throws {UsageError} `WFG_USAGE` when there is none
 */
export async function readDocument(host: Reader, given: string | undefined): Promise<string> {
  if (given === undefined && host.stdin.isTTY) {
    throw new UsageError(`Cannot send anything: no document was given; expected ${EXPECTED}.`)
  }
  const source = await documentText(host, given ?? STANDARD_INPUT)
  if (source.includes('{')) return source
  const found = source.trim() === '' ? 'it is empty' : 'it holds no "{"'
  throw new UsageError(`Cannot send the document: ${found}; expected ${EXPECTED}.`)
}

/** @throws {UsageError} `WFG_USAGE` for what is no JSON object */
export async function readVariables(host: Reader, from: string | undefined): Promise<Variables> {
  if (from === undefined) return {}
  const text = await readText(host, 'the variables', from)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Variables
  } catch {
    // said below
  }
  throw new UsageError(
    `Cannot use the variables in ${JSON.stringify(from)}: they are no JSON object; expected for example {"number": 12}.`,
  )
}

/** `name=value` as often as it was given. @throws {UsageError} `WFG_USAGE` for one without a name */
export function readAssignments(given: readonly string[]): Map<string, string[]> {
  const texts = new Map<string, string[]>()
  for (const assignment of given) {
    const [, name, text] = /^\$?([_A-Za-z]\w*)=([\s\S]*)$/.exec(assignment) ?? []
    if (name === undefined || text === undefined) {
      throw new UsageError('Cannot use a variable: expected -v name=value, with the name as the document declares it.')
    }
    texts.set(name, [...(texts.get(name) ?? []), text])
  }
  return texts
}

// --- internal ---

const EXPECTED = "a GraphQL document such as 'query { viewer { userName } }', @FILE, or - for standard input"

async function documentText(host: Reader, given: string): Promise<string> {
  if (given === STANDARD_INPUT) return readText(host, 'the document', given)
  return given.startsWith('@') ? readText(host, 'the document', given.slice(1)) : given
}
