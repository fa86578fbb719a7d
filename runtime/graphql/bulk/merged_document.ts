/** Many executions of one mutation as one document: every root field has an alias, every variable a name of its entry. */
import type { DocumentNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql'
import type { Variables } from '../client/options.ts'
import { Kind } from '../document/language.ts'
import type { Document, Operation } from '../document/operation.ts'
import { type Fragments, fieldsOf, fragmentsOf, responseName } from '../document/selection.ts'
import { aliased, inlined, nameNode, renamed, spreadsIn, usesVariables } from './rewrite.ts'

export interface Merger {
  /** False where the document can be sent for one entry at a time only. */
  readonly canMerge: boolean
  /** How many fields the mutation has at its root. */
  readonly rootFields: number
  /** Under which names every answer has them; a field with a directive may be left out. */
  readonly rootNames: readonly string[]
  /** The document for so many entries; the author's own for one. */
  documentFor(count: number): Document
  /** What is sent with it. */
  variablesFor(entries: readonly Variables[]): Variables
}

/** @param document as the caller gave it */
export function createMerger(document: Document, operation: Operation): Merger {
  const fragments = fragmentsOf(operation)
  const root = inlined(operation.definition.selectionSet, fragments, [])
  // A directive of the operation stands there once, so it cannot follow the variables of many.
  const canMerge = root !== undefined && !(operation.definition.directives ?? []).some(usesVariables)
  const documents = new Map<number, DocumentNode>()
  return {
    canMerge,
    rootFields: root ? fieldsOf(root, fragments).length : 1,
    rootNames: root ? fieldsOf(root, fragments, isAlwaysThere).map(responseName) : [],
    documentFor(count) {
      if (count === 1 || !root) return document
      let whole = documents.get(count)
      if (!whole) {
        whole = merged(operation, root, fragments, count)
        documents.set(count, whole)
      }
      return whole
    },
    variablesFor(entries) {
      if (entries.length === 1) return entries[0]!
      const names = (operation.definition.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
      // What an entry does not give stays away, so that the default holds.
      return Object.fromEntries(
        entries.flatMap((variables, position) =>
          names
            .filter((name) => Object.hasOwn(variables, name) && variables[name] !== undefined)
            .map((name) => [`${prefixOf(position)}${name}`, variables[name]]),
        ),
      )
    },
  }
}

/** Which entry of its batch a root field of the answer belongs to, and the name that the author knows it by. */
export function readAlias(
  name: string | number | undefined,
  count: number,
): { position: number; name: string } | undefined {
  if (typeof name !== 'string') return undefined
  if (count === 1) return { position: 0, name }
  const [, position, own] = /^b(\d+)_(.+)$/s.exec(name) ?? []
  return own === undefined || Number(position) >= count ? undefined : { position: Number(position), name: own }
}

// --- internal ---

function isAlwaysThere({ directives = [] }: SelectionNode): boolean {
  return directives.length === 0
}

function prefixOf(position: number): string {
  return `b${position}_`
}

function merged(operation: Operation, root: SelectionSetNode, fragments: Fragments, count: number): DocumentNode {
  const { definition } = operation
  const needed = [...spreadsIn(root, fragments)].flatMap((name) => fragments.get(name) ?? [])
  const own = new Set(needed.filter((fragment) => isOwn(fragment, fragments)).map(({ name }) => name.value))
  const prefixes = Array.from({ length: count }, (_, position) => prefixOf(position))
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        ...definition,
        variableDefinitions: prefixes.flatMap((prefix) =>
          (definition.variableDefinitions ?? []).map((variable) => renamed(variable, prefix, own)),
        ),
        selectionSet: {
          kind: Kind.SELECTION_SET,
          selections: prefixes.flatMap((prefix) => aliased(renamed(root, prefix, own), prefix).selections),
        },
      },
      ...needed.filter(({ name }) => !own.has(name.value)),
      ...prefixes.flatMap((prefix) =>
        needed
          .filter(({ name }) => own.has(name.value))
          .map((fragment) => ({
            ...renamed(fragment, prefix, own),
            name: nameNode(`${prefix}${fragment.name.value}`),
          })),
      ),
    ],
  }
}

/** A fragment that uses variables needs a copy for every entry; one whose name looks like a copy's makes way. */
function isOwn(fragment: FragmentDefinitionNode, fragments: Fragments): boolean {
  if (/^b\d+_/.test(fragment.name.value) || usesVariables(fragment)) return true
  return [...spreadsIn(fragment, fragments)].some((name) => {
    const inner = fragments.get(name)
    return inner !== undefined && (/^b\d+_/.test(name) || usesVariables(inner))
  })
}
