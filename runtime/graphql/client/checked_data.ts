/** The data of an answer, held against the schema that the call gave. */
import { GraphQLExecutionError } from '../../core/errors.ts'
import { label } from './call_errors.ts'
import type { DataSchema } from './options.ts'
import type { Execution } from './perform.ts'

/**
 * What the schema makes of the data.
 *
 * @throws {GraphQLExecutionError} `WFG_GRAPHQL_EXECUTION` naming the places that do not fit, without their values
 */
export async function checkedData(schema: DataSchema, value: unknown, execution: Execution): Promise<unknown> {
  const v = await import('valibot')
  const result = await v.safeParseAsync(schema, value)
  if (result.success) return result.output
  // The schema's own messages would repeat the values.
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
