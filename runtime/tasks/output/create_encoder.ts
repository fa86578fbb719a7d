/** Creates the encoder of a format. */
import type { Encoder, EncoderOptions } from './encoder.ts'
import type { Format } from './format.ts'

/** Loads only what the format needs. */
export async function createEncoder(format: Format, options: EncoderOptions): Promise<Encoder> {
  switch (format) {
    case 'table':
      return (await import('./table.ts')).createTableEncoder(options)
    case 'csv':
      return (await import('./csv.ts')).createCsvEncoder(options)
    case 'xlsx':
      return (await import('./xlsx/encoder.ts')).createXlsxEncoder(options)
    case 'json':
      return (await import('./json_rows.ts')).createJsonEncoder()
    case 'ndjson':
      return (await import('./json_rows.ts')).createNdjsonEncoder()
  }
}
