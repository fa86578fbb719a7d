/** The answers of a fake: data, a whole response or a function, checked against the document. */
import { type GraphQLErrorEntry, isWfgError, UsageError } from '../core/errors.ts'
import { listed } from '../core/problems.ts'
import type { Variables } from '../graphql/client/options.ts'
import { fieldsOf, fragmentsOf, responseName } from '../graphql/document/selection.ts'
import type { PulledSchema } from '../graphql/schema/pulled_schema.ts'
import type { FakeRequest } from './fake_request.ts'
import { missingFields } from './missing_fields.ts'

/**
 * The `data`, a whole response with a list `errors`, or a function of the variables that returns one of these. An error that
 * it throws becomes a GraphQL error. The call throws an error of this package as it is, for example `OutcomeUnknownError`.
 */
export type FakeAnswer = object | ((variables: Variables) => object | Promise<object>)

/**
 * Returns the body of the response.
 *
 * @param schema fills in what the answer omits. Without it the answer must have everything that the document selects
 * @throws {UsageError} `WFG_USAGE` if the answer does not fit the document
 */
export async function answerTo(
  request: FakeRequest,
  answer: FakeAnswer,
  schema: PulledSchema | undefined,
): Promise<object> {
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
    throw new UsageError(`${subject} is not an object; expected data, or a whole response with errors.`)
  }
  const whole: WholeAnswer = isWhole(given) ? given : { data: given }
  if (schema && isObject(whole.data)) {
    const { data, problems } = schema.answer(operation, variables, withFailed(whole.data, whole.errors))
    if (problems.length === 0) return { ...whole, data }
    throw new UsageError(
      `${subject} does not fit ${schema.name}: ${listed(problems).join('; ')}.`.replace(/\?\.$/, '?'),
    )
  }
  const lacking = missingFields(whole.data ?? null, request)
  if (lacking.length === 0) return whole
  throw new UsageError(`${subject} lacks what the document selects: ${lacking.join(', ')}.`)
}

// --- internal ---

interface WholeAnswer {
  readonly data?: unknown
  readonly errors?: readonly GraphQLErrorEntry[]
}

/** Sets omitted fields to null if an error names them, like a server does. */
function withFailed(data: object, errors: WholeAnswer['errors'] = []): object {
  const filled = JSON.parse(JSON.stringify(data)) as object
  for (const { path = [] } of errors) {
    const holder = path
      .slice(0, -1)
      .reduce<unknown>((value, name) => (value as Record<string | number, unknown> | null | undefined)?.[name], filled)
    const name = path.at(-1)
    if (name !== undefined && isObject(holder)) holder[name] ??= null
  }
  return filled
}

function isWhole(answer: object): answer is WholeAnswer {
  return Array.isArray((answer as { errors?: unknown }).errors)
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
