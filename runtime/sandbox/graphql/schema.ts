/**
 * The text of the sandbox's schema. It is reconstructed from public samples and pages, not from a server: "# assumed" marks
 * a guessed name, and "unverified" or "guessed" a guessed detail of a known name (a type, a nullability, an argument). A
 * real server has more, and customers extend it. Read its schema at `<endpoint>/schema`.
 */
import { readFileSync } from 'node:fs'

/** @param nonNullPayloads makes the payloads of mutations non-null */
export function schemaText(nonNullPayloads: boolean): string {
  const text = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')
  return nonNullPayloads ? text.replace(/^( {2}\w+\(input: \w+Input!\): \w+Payload)/gm, '$1!') : text
}
