/** Reads the document and the variables of `query`: from the command line, a file or standard input. */
import { UsageError } from '../core/errors.ts'
import { systemReason } from '../core/system_code.ts'
import { quotedPath } from '../core/visible.ts'
import type { Variables } from '../graphql/client/options.ts'
import type { Host } from '../host/host.ts'
import { readTextFrom } from '../host/standard_input.ts'

type Reader = Pick<Host, 'cwd' | 'stdin'>

export const STANDARD_INPUT = '-'

/**
 * @param given the document itself, `@FILE`, `-`, or undefined for piped input
 * @throws {UsageError} `WFG_USAGE` if there is none
 */
export async function readDocument(host: Reader, given: string | undefined): Promise<string> {
  if (given === undefined && host.stdin.isTTY) {
    throw new UsageError(`Cannot send a query: no document was given; expected ${EXPECTED}.`)
  }
  const source = await documentText(host, given ?? STANDARD_INPUT)
  if (source.includes('{')) return source
  const found = source.trim() === '' ? 'it is empty' : 'it has no "{"'
  throw new UsageError(`Cannot send the document: ${found}; expected ${EXPECTED}.`)
}

/** @throws {UsageError} `WFG_USAGE` if the text is not a JSON object */
export async function readVariables(host: Reader, from: string | undefined): Promise<Variables> {
  if (from === undefined) return {}
  const text = await readText(host, 'the variables', from)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Variables
  } catch {
    // reported below
  }
  throw new UsageError(
    `Cannot use the variables in ${quotedPath(from)}: expected a JSON object such as {"number": 12}.`,
  )
}

/** Reads each `name=value`. @throws {UsageError} `WFG_USAGE` for one without a name */
export function readAssignments(given: readonly string[]): Map<string, string[]> {
  const texts = new Map<string, string[]>()
  for (const assignment of given) {
    const [, name, text] = /^\$?([_A-Za-z]\w*)=([\s\S]*)$/.exec(assignment) ?? []
    if (name === undefined || text === undefined) {
      throw new UsageError('Cannot use a variable: expected -v name=value, with a name that the document declares.')
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

/**
 * @param what what is read, as in "the document"
 * @param from a path, relative to the working directory, or `-`
 */
async function readText(host: Reader, what: string, from: string): Promise<string> {
  try {
    return await readTextFrom(host, from)
  } catch (error) {
    throw new UsageError(
      `Cannot read ${what} in ${quotedPath(from)}: ${systemReason(error)}; expected a text file that you may read.`,
    )
  }
}
