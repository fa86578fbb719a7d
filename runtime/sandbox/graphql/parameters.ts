/** The parameters of a mutation: each has the name of a process data and its value. */
import { systemHost } from '../../host/host.ts'
import type { FileValue, Value } from '../data/dataset.ts'
import type { DataType, Process } from '../data/processes.ts'
import { GraphQLError } from './graphql_library.ts'
import type { UploadedFile } from './scalars.ts'

export interface ParameterInput {
  name: string
  textValue?: string | null
  numericValue?: number | null
  dateTimeValue?: number | null
  fileValue?: FileInput | null
}

interface FileInput {
  upload?: UploadedFile | null
  name?: string | null
  contentType?: string | null
  updatedAt?: number | null
  url?: string | null
  content?: string | null
}

/**
 * Returns values by data name. A parameter without a value is left out, so it clears nothing.
 *
 * @throws {GraphQLError} if the process has no such data, or the value has another type
 */
export async function readParameters(
  workflow: Process,
  parameters: readonly ParameterInput[] | null | undefined,
): Promise<Map<string, Value>> {
  const values = new Map<string, Value>()
  for (const parameter of parameters ?? []) {
    const definition = workflow.data.find((data) => data.name === parameter.name)
    if (!definition) {
      throw new GraphQLError(`Process "${workflow.name}" version ${workflow.version} has no data "${parameter.name}".`)
    }
    const field = VALUE_FIELDS[definition.dataType]
    const other = Object.values(VALUE_FIELDS).find((name) => name !== field && parameter[name] != null)
    if (other) {
      throw new GraphQLError(
        `Data "${parameter.name}" is of type ${definition.dataType}: it takes ${field}, not ${other}.`,
      )
    }
    const value = parameter[field]
    if (value != null)
      values.set(parameter.name, typeof value === 'object' ? await readFile(parameter.name, value) : value)
  }
  return values
}

/** The field that holds a value of the type, in parameters and in results. */
export const VALUE_FIELDS = {
  TEXT: 'textValue',
  NUMERIC: 'numericValue',
  DATETIME: 'dateTimeValue',
  FILE: 'fileValue',
} as const satisfies Record<DataType, keyof ParameterInput>

// --- internal ---

async function readFile(
  dataName: string,
  { upload, name, contentType, updatedAt, url, content }: FileInput,
): Promise<FileValue> {
  const bytes = upload
    ? new Uint8Array(await upload.arrayBuffer())
    : content != null
      ? decode(dataName, content)
      : undefined
  if (!bytes) {
    throw new GraphQLError(
      url == null
        ? `Data "${dataName}" takes a file: neither upload nor content is given.`
        : `Cannot read the file of data "${dataName}" from its URL: no URL is allowed here.`,
    )
  }
  return {
    name: name ?? upload?.name ?? dataName.toLowerCase(),
    contentType: contentType ?? (upload?.type || 'application/octet-stream'),
    updatedAt: updatedAt ?? systemHost().nowMs(),
    content: bytes,
  }
}

function decode(dataName: string, content: string): Uint8Array {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(content)) {
    throw new GraphQLError(`The content of data "${dataName}" is not base64.`)
  }
  return Buffer.from(content, 'base64')
}
