/** Text that a person gives by the name of a file, or on standard input. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { systemCode } from '../core/system_code.ts'
import type { Host } from '../host/host.ts'

export const STANDARD_INPUT = '-'

/**
 * @param what it is read for, as in "the document"
 * @param from a path, relative to the working directory, or `-`
 * @throws {UsageError} `WFG_USAGE` when there is no such file
 */
export async function readText(host: Pick<Host, 'cwd' | 'stdin'>, what: string, from: string): Promise<string> {
  try {
    const text = from === STANDARD_INPUT ? await host.stdin.readAll() : readFileSync(resolve(host.cwd(), from), 'utf8')
    return text.replace(/^\uFEFF/, '')
  } catch (error) {
    throw new UsageError(
      `Cannot read ${what} in ${JSON.stringify(from)}: ${systemCode(error)}; expected a text file that you may read.`,
    )
  }
}
