/** What names an entry in a journal, so that a later run knows it again. */
import { createHash } from 'node:crypto'
import { UsageError } from '../errors.ts'
import type { Operation } from './document.ts'
import { print } from './language.ts'
import type { FoundUpload } from './multipart.ts'
import type { Variables } from './options.ts'
import { fieldsOf, fragmentsOf } from './selection.ts'

export interface EntryKey {
  readonly key: string
  /** Of what the entry does: mutation and variables. */
  readonly digest: string
}

/** An entry as JSON sends it. */
export interface EntryContent {
  /** With null in the places of the uploads. */
  readonly variables: Variables
  readonly uploads: readonly FoundUpload[]
}

export interface Keys {
  /**
   * @param given the entry as it came from the list
   * @throws {UsageError} `WFG_USAGE` when `options.key` gives no text
   */
  keyOf(given: Variables, index: number, content: EntryContent): EntryKey | { readonly usedBy: number; key: string }
}

/** @param chosen the key that the caller chose; default: the content, and for equal entries their number among them */
export function createKeys(
  operation: Operation,
  chosen: ((variables: Variables, index: number) => string) | undefined,
): Keys {
  const effect = effectOf(operation)
  const seen = new Map<string, number>()
  return {
    keyOf(given, index, content) {
      const digest = digestOf(effect, content)
      if (!chosen) {
        const count = (seen.get(digest) ?? 0) + 1
        seen.set(digest, count)
        return { key: count === 1 ? digest : `${digest}#${count}`, digest }
      }
      const key: unknown = chosen(given, index)
      if (typeof key !== 'string' || key === '') {
        throw new UsageError(
          `Cannot name entry ${index} in the journal: the option key gave ${key === '' ? 'an empty text' : `a value of type ${typeof key}`}; expected a text of its own for every entry.`,
        )
      }
      const usedBy = seen.get(key)
      if (usedBy !== undefined) return { usedBy, key }
      seen.set(key, index)
      return { key, digest }
    },
  }
}

// --- internal ---

/**
 * What the mutation changes: its root fields with their arguments. What it selects of the result is left out, or a field
 * more in the selection would make a second run do everything again.
 */
function effectOf(operation: Operation): string {
  const fields = fieldsOf(operation.definition.selectionSet, fragmentsOf(operation)).map(
    ({ alias: _alias, selectionSet: _selectionSet, ...field }) => print(field),
  )
  const defaults = (operation.definition.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [`$${variable.name.value}=${print(defaultValue)}`] : [],
  )
  return [...fields, ...defaults].join('\n')
}

function digestOf(effect: string, { variables, uploads }: EntryContent): string {
  const files = uploads.map(({ path, upload: { name, type, size } }) => [path, name, type, size])
  const content = JSON.stringify([effect, sorted(JSON.parse(JSON.stringify(variables))), files])
  // Half of a SHA-256 keeps a journal of a million lines readable, and is still never the same by chance.
  return createHash('sha256').update(content).digest('hex').slice(0, 32)
}

/** Objects that differ in the order of their members only are equal. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]))
}
