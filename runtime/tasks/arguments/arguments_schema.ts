/** The arguments of a script as JSON Schema: what an arguments file may hold, for editors and other programs. */
import type { JsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import type { ArgumentsSchema } from '../../script/define.ts'

/** What a script without a schema takes. */
const NONE = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {},
  additionalProperties: false,
}

/**
 * JSON Schema (draft 07) of the script's input. Dates are texts and large integers are integers, as an arguments file
 * has them; what JSON Schema cannot say is left out.
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
