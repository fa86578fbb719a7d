/** The arguments of a script as a JSON Schema of its arguments file, for editors and other programs. */
import type { JsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import type { ArgumentsSchema } from '../../script/define.ts'

/** The schema of a script without arguments. */
const NONE = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {},
  additionalProperties: false,
}

/**
 * Converts the script's schema to JSON Schema (draft 07). As in an arguments file, dates are texts and large integers are
 * integers. Checks that JSON Schema does not have are left out.
 *
 * @param about `title` and `description`
 */
export async function argumentsSchema(
  schema: ArgumentsSchema | undefined,
  about: { readonly title: string; readonly description?: string },
): Promise<object> {
  if (schema === undefined) return { ...NONE, ...about }
  const { toJsonSchema } = await import('@valibot/to-json-schema')
  const converted = toJsonSchema(schema as GenericSchema, {
    typeMode: 'input',
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema }) => OVERRIDES[valibotSchema.type],
  })
  return { ...converted, ...about }
}

// --- internal ---

const OVERRIDES: Readonly<Record<string, JsonSchema>> = {
  date: { type: 'string', anyOf: [{ format: 'date' }, { format: 'date-time' }] },
  bigint: { type: 'integer' },
}
