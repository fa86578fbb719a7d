/** What the broker sends of what a script asks for: one operation, read and written anew. */
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql'
import { RefusedError } from '../core/errors.ts'
import { Kind, parse, visit } from '../graphql/document/language.ts'
import { type Operation, readOperation } from '../graphql/document/operation.ts'

export interface CheckedOperation {
  readonly operation: Operation
  /** Number of its root fields, those of fragments included, whatever their directives say. */
  readonly rootFields: number
}

const MAX_DOCUMENT = 2 * 1024 * 1024
const MAX_TOKENS = 200_000
const MAX_DEPTH = 100
/** A bulk merges at most 100 entries. */
const MAX_ROOT_FIELDS = 500

/** Checks documents, and remembers the last ones: a script sends the same few again and again. */
export function createOperationCheck(): (source: unknown, name: unknown) => CheckedOperation {
  const known = new Map<string, CheckedOperation>()
  return (source, name) => {
    const key = JSON.stringify([name, source])
    const found = known.get(key)
    if (found) return found
    const checked = checkOperation(source, name)
    if (known.size >= MAX_KNOWN) known.clear()
    if (key.length <= MAX_KEY) known.set(key, checked)
    return checked
  }
}

// --- internal ---

const MAX_KNOWN = 20
const MAX_KEY = 32 * 1024

function checkOperation(source: unknown, name: unknown): CheckedOperation {
  if (typeof source !== 'string') throw cannot('it has no document')
  if (name !== undefined && typeof name !== 'string') throw cannot('the name of the operation is no text')
  if (source.length > MAX_DOCUMENT) throw cannot(`its document is longer than ${MAX_DOCUMENT} characters`)
  const { definition, document } = readOperation(parsed(source), name)
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const each of document.definitions) {
    if (each.kind !== Kind.OPERATION_DEFINITION && each.kind !== Kind.FRAGMENT_DEFINITION)
      throw cannot('its document defines something else than operations and fragments')
    if (each.kind !== Kind.FRAGMENT_DEFINITION) continue
    if (fragments.has(each.name.value))
      throw cannot(`its document has two fragments ${JSON.stringify(each.name.value)}`)
    fragments.set(each.name.value, each)
  }
  // The other operations of the document are not sent.
  const used = usedFragments(definition.selectionSet, fragments)
  const alone = { kind: Kind.DOCUMENT, definitions: [definition, ...used] } as const
  return { operation: readOperation(alone), rootFields: countRootFields(definition.selectionSet, fragments) }
}

function parsed(source: string) {
  try {
    const document = parse(source, { maxTokens: MAX_TOKENS, noLocation: true })
    let depth = 0
    visit(document, {
      SelectionSet: {
        enter() {
          depth += 1
          if (depth > MAX_DEPTH) throw cannot(`its document is nested deeper than ${MAX_DEPTH} levels`)
        },
        leave() {
          depth -= 1
        },
      },
    })
    return document
  } catch (error) {
    if (error instanceof RefusedError) throw error
    throw cannot(error instanceof RangeError ? 'its document is nested too deep' : 'its document cannot be read')
  }
}

function usedFragments(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const used = new Set<FragmentDefinitionNode>()
  const add = (within: SelectionSetNode): void => {
    visit(within, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value)
        if (!fragment || used.has(fragment)) return
        used.add(fragment)
        add(fragment.selectionSet)
      },
    })
  }
  add(set)
  return used
}

/** Stops at the limit, because fragments that spread others twice would take for ever. */
function countRootFields(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): number {
  let count = 0
  const add = ({ selections }: SelectionSetNode, within: readonly string[]): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) count += 1
      else if (selection.kind === Kind.INLINE_FRAGMENT) add(selection.selectionSet, within)
      else {
        const name = selection.name.value
        const fragment = fragments.get(name)
        if (!fragment || within.includes(name))
          throw cannot(`its fragment ${JSON.stringify(name)} is missing or spreads itself`)
        add(fragment.selectionSet, [...within, name])
      }
      if (count > MAX_ROOT_FIELDS) throw cannot(`it has more than ${MAX_ROOT_FIELDS} root fields`)
    }
  }
  add(set, [])
  return count
}

function cannot(found: string): RefusedError {
  return new RefusedError(`Refused a request of the isolated script: ${found}. Nothing was sent.`)
}
