/** The scalars of the schema: `DateTime`, in the formats that WorkflowGen is known to read and write, and `Upload`. */
import { GraphQLError, GraphQLScalarType, Kind } from './graphql_library.ts'

/** A file of a multipart request, as yoga's own class. */
export interface UploadedFile {
  readonly name: string
  readonly type: string
  arrayBuffer(): Promise<ArrayBuffer>
}

/** Internally milliseconds since 1970, in JSON `2018-12-24T21:30:18.113Z`. */
export const DateTime = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  serialize: (value) => new Date(Number(value)).toISOString(),
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
})

export const Upload = new GraphQLScalarType<UploadedFile, never>({
  name: 'Upload',
  serialize() {
    throw new GraphQLError('Cannot return an Upload: it is for input only.')
  },
  parseValue(value) {
    if (isUploadedFile(value)) return value
    throw new GraphQLError('Upload takes a file of a multipart request.')
  },
  parseLiteral() {
    throw new GraphQLError('Upload takes a variable, to which a multipart request maps a file.')
  },
})

// --- internal ---

/** A date, or a date and time with up to 7 digits of a fraction. The default offset is UTC. */
const PATTERN = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,7}))?(Z|[+-]\d{2}:\d{2})?)?$/

function parseDateTime(value: unknown): number {
  const [, day, time = '00:00:00', fraction = '', offset = 'Z'] = PATTERN.exec(String(value)) ?? []
  const ms =
    day === undefined ? Number.NaN : Date.parse(`${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`)
  // Date.parse turns February 30 into March 2.
  if (Number.isNaN(ms) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) {
    throw new GraphQLError('DateTime takes text such as "2018-01-01" or "2018-12-24T21:30:18.113Z".')
  }
  return ms
}

function isUploadedFile(value: unknown): value is UploadedFile {
  return typeof value === 'object' && value !== null && 'arrayBuffer' in value && 'name' in value
}
