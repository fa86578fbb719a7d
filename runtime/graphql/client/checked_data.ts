/** Checks the data of a response against the call's schema. */
import { GraphQLExecutionError } from '../../core/errors.ts'
import { label } from './call_errors.ts'
import type { DataSchema } from './options.ts'
import type { Execution } from './perform.ts'

/**
 * Returns the schema's output.
 *
 * @throws {GraphQLExecutionError} `WFG_GRAPHQL_EXECUTION` with the paths that do not fit, without values
 */
export async function checkedData(schema: DataSchema, value: unknown, execution: Execution): Promise<unknown> {
  const v = await import('valibot')
  const result = await v.safeParseAsync(schema, value)
  if (result.success) return result.output
  // The schema's own messages contain the values.
  const errors = result.issues.map((issue) => ({
    message: `expected ${issue.expected ?? issue.type}`,
    path: (issue.path ?? []).map(({ key }) => key as string | number),
  }))
  const places = errors.map(({ message, path }) => `${path.join('.') || 'data'}: ${message}`)
  throw new GraphQLExecutionError(
    `Cannot use the answer to the ${label(execution)}: it does not fit the call's schema: ${places.join('; ')}.`,
    { errors, data: value, status: execution.answer.status, operationName: execution.operation.name },
  )
}
