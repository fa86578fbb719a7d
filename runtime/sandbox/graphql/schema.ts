/**
 * The schema that the sandbox serves, with its marks. It is reconstructed from public samples and pages, not from a server:
 * a name followed by "# assumed" is a guess, and "unverified" or "guessed" marks a detail (a type, a nullability, an
 * argument) of a known name. A real server has more, and customers extend it; read a real one at `<endpoint>/schema`.
 */
import { readFileSync } from 'node:fs'

/** @param nonNullPayloads whether mutations declare their payloads as non-null */
export function schemaText(nonNullPayloads: boolean): string {
  const text = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')
  return nonNullPayloads ? text.replace(/^( {2}\w+\(input: \w+Input!\): \w+Payload)/gm, '$1!') : text
}
