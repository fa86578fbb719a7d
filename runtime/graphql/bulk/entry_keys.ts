/** The key of an entry in a journal, by which a later run recognises it. */
import { createHash } from 'node:crypto'
import { UsageError } from '../../core/errors.ts'
import type { Variables } from '../client/options.ts'
import { isUpload } from '../document/file.ts'
import { print } from '../document/language.ts'
import type { Operation } from '../document/operation.ts'
import { fieldsOf, fragmentsOf } from '../document/selection.ts'

export interface EntryKey {
  readonly key: string
  /** Hash of the mutation and the variables. */
  readonly digest: string
}

export interface Keys {
  /**
   * @throws {UsageError} `WFG_USAGE` if `options.key` returns no text
   */
  keyOf(variables: Variables, index: number): EntryKey | { readonly usedBy: number; key: string }
  /** True if an entry has this key so far. */
  has(key: string): boolean
}

/** @param chosen the option `key`. Default: the digest, with a number for equal entries */
export function createKeys(
  operation: Operation,
  chosen: ((variables: Variables, index: number) => string) | undefined,
): Keys {
  const effect = effectOf(operation)
  const seen = new Map<string, number>()
  return {
    has(key) {
      const [digest = '', number = '1'] = chosen ? [key] : key.split('#')
      return (seen.get(digest) ?? -1) >= (chosen ? 0 : Number(number))
    },
    keyOf(variables, index) {
      const digest = digestOf(effect, variables)
      if (!chosen) {
        const count = (seen.get(digest) ?? 0) + 1
        seen.set(digest, count)
        return { key: count === 1 ? digest : `${digest}#${count}`, digest }
      }
      const key: unknown = chosen(variables, index)
      if (typeof key !== 'string' || key === '') {
        throw new UsageError(
          `Cannot name entry ${index} in the journal: the option key returned ${key === '' ? 'an empty text' : `a value of type ${typeof key}`}; expected a different text for every entry.`,
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
 * The root fields of the mutation with their arguments. The selected fields are left out, because a changed selection must
 * not make a second run do everything again.
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

function digestOf(effect: string, variables: Variables): string {
  const text = JSON.stringify(variables, (_name, value) =>
    isUpload(value) ? { upload: [value.name, value.type, value.size] } : value,
  )
  const content = JSON.stringify([effect, ordered(JSON.parse(text))])
  // Half of a SHA-256 is short enough to read, and still unique.
  return createHash('sha256').update(content).digest('hex').slice(0, 32)
}

/** Sorts the members of objects, and lists of parameters such as `[{ name: 'A', … }, { name: 'B', … }]`. */
function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map(ordered)
    return items.every(isNamed) ? items.sort(byText) : items
  }
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, ordered(member)]))
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string'
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}
