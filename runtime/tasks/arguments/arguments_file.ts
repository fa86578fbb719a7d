/** Reads the arguments of a script from a JSON file. */
import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import { systemReason } from '../../core/system_code.ts'
import { quotedPath } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { readTextFrom } from '../../host/standard_input.ts'
import type { Given } from './arguments.ts'
import { type Conversion, convertFor, convertText } from './convert.ts'
import type { Parameter } from './schema.ts'

/**
 * Merges the values of an arguments file with those of flags, which win. JSON has no dates and no large integers, so texts
 * are converted for parameters of those kinds. The schema judges all other values as they are.
 *
 * @param source names the values in messages. Default "the arguments file"
 * @param loose true if members that are no parameters are allowed
 */
export function mergeArguments(
  parameters: readonly Parameter[],
  fromFile: unknown,
  fromFlags: Given,
  { loose = false, source = 'the arguments file' }: { loose?: boolean; source?: string } = {},
): Given {
  const problems = [...fromFlags.problems]
  const refused = new Set(fromFlags.refused)
  const byKey = new Map(parameters.map((parameter) => [parameter.key, parameter]))
  if (typeof fromFile !== 'object' || fromFile === null || Array.isArray(fromFile)) {
    problems.push(`${source} needs to hold one JSON object, such as {"since": "2026-11-01"}`)
    return { values: fromFlags.values, problems, refused: new Set(byKey.keys()) }
  }
  const values = new Map<string, unknown>()
  for (const [key, value] of Object.entries(fromFile)) {
    const parameter = byKey.get(key)
    const converted = parameter ? convertJson(parameter, value) : { value }
    const subject = `in ${source}, ${JSON.stringify(key)}`
    if ('expected' in converted) {
      problems.push(`${subject} needs ${converted.expected}`)
      refused.add(key)
    } else if (parameter || loose) values.set(key, converted.value)
    else problems.push(`${subject} is not one of the arguments${didYouMean(key, byKey.keys())}`)
  }
  return { values: { ...Object.fromEntries(values), ...fromFlags.values }, problems, refused }
}

/**
 * @param path relative to the working directory, or `-` for standard input
 * @throws {UsageError} `WFG_USAGE` if it cannot be read or is no JSON
 */
export async function readArgumentsFile(host: Pick<Host, 'cwd' | 'stdin'>, path: string): Promise<unknown> {
  const cannot = `Cannot read the arguments in ${quotedPath(path)}`
  let text: string
  try {
    text = await readTextFrom(host, path)
  } catch (error) {
    throw new UsageError(`${cannot}: ${systemReason(error)}; expected a JSON file that you may read.`)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${cannot}: it is not JSON; expected an object such as {"since": "2026-11-01"}.`)
  }
}

// --- internal ---

function convertJson(parameter: Parameter, value: unknown): Conversion {
  if (Array.isArray(value)) {
    const items = value.map((item) => convertJson(parameter, item))
    const values = items.flatMap((item) => ('value' in item ? [item.value] : []))
    return items.find((item) => 'expected' in item) ?? { value: values }
  }
  if (parameter.alternatives) {
    const alternatives = parameter.alternatives.filter(({ kind }) => kind === 'bigint' || kind === 'date')
    const converted = typeof value === 'string' ? convertFor({ ...parameter, alternatives }, value) : { value }
    return 'value' in converted ? converted : { value }
  }
  const isDigits = parameter.kind === 'bigint' && Number.isSafeInteger(value)
  const isText = typeof value === 'string' && (parameter.kind === 'bigint' || parameter.kind === 'date')
  return isText || isDigits ? convertText(parameter.kind, String(value)) : { value }
}
