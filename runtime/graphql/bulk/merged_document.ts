/** Merges many executions of one mutation into one document. Each entry has its own aliases and variable names. */
import type { DocumentNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql'
import type { Variables } from '../client/options.ts'
import { Kind } from '../document/language.ts'
import type { Document, Operation } from '../document/operation.ts'
import { type Fragments, fieldsOf, fragmentsOf, responseName } from '../document/selection.ts'
import { aliased, inlined, nameNode, renamed, spreadsIn, usesVariables } from './rewrite.ts'

export interface Merger {
  /** False if the document can only be sent for one entry at a time. */
  readonly canMerge: boolean
  /** Number of root fields of the mutation. */
  readonly rootFields: number
  /** Response names of the root fields that every response has. A field with a directive may be left out. */
  readonly rootNames: readonly string[]
  /** Returns the document for this number of entries. For one it is the author's own. */
  documentFor(count: number): Document
  /** Returns the variables that are sent with it. */
  variablesFor(entries: readonly Variables[]): Variables
}

/** @param document as the caller gave it */
export function createMerger(document: Document, operation: Operation): Merger {
  const fragments = fragmentsOf(operation)
  const root = inlined(operation.definition.selectionSet, fragments, [])
  // A directive of the operation cannot use the variables of each entry.
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
      // A variable that an entry omits must stay omitted, so that its default applies.
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

/** Reads from an alias in the response the entry's position in its batch and the author's name of the field. */
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

/** True if every entry needs its own copy: the fragment uses variables, or its name looks like that of a copy. */
function isOwn(fragment: FragmentDefinitionNode, fragments: Fragments): boolean {
  if (/^b\d+_/.test(fragment.name.value) || usesVariables(fragment)) return true
  return [...spreadsIn(fragment, fragments)].some((name) => {
    const inner = fragments.get(name)
    return inner !== undefined && (/^b\d+_/.test(name) || usesVariables(inner))
  })
}
