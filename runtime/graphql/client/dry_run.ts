/** Dry run: shows a mutation instead of sending it, and returns data with the selected fields. */
import type { SelectionSetNode } from 'graphql'
import { isUpload } from '../document/file.ts'
import type { Operation } from '../document/operation.ts'
import { type Fragments, fieldsOf, fragmentsOf, responseName } from '../document/selection.ts'
import { label } from './call_errors.ts'
import type { ClientHost } from './connection.ts'

type DryHost = Pick<ClientHost, 'stderr'>

/** Shows a mutation instead of sending it. */
export type Show = (host: DryHost, operation: Operation, variables: unknown) => Promise<void>

export const showInsteadOfSending: Show = async (host, operation, variables) => {
  const shown = JSON.stringify(variables ?? {}, shortened, 2)
  // The document is shown only once.
  const documents = shownBy.get(host) ?? new WeakSet()
  const source = documents.has(operation.document) ? '' : `${operation.source.trim()}\n`
  shownBy.set(host, documents.add(operation.document))
  await host.stderr.write(`dry run: would send the ${label({ operation })} with ${shown}\n${source}`)
}

/**
 * Shows the first mutations of a bulk run and counts the others.
 *
 * @param showsAll true with `--verbose`
 */
export function createDryRun(showsAll: boolean): { readonly show: Show; end(host: DryHost): Promise<void> } {
  const limit = showsAll ? Number.POSITIVE_INFINITY : MAX_SHOWN
  let count = 0
  return {
    async show(host, operation, variables) {
      count += 1
      if (count <= limit) await showInsteadOfSending(host, operation, variables)
    },
    async end({ stderr }) {
      if (count > limit) await stderr.write(`dry run: … and ${count - limit} more; --verbose shows all.\n`)
    },
  }
}

/** Returns data in which every leaf is null. Without the server's schema, a list looks like an object. */
export function shapeOf(operation: Operation): Record<string, unknown> {
  return shapeOfSelection(operation.definition.selectionSet, fragmentsOf(operation))
}

// --- internal ---

const MAX_SHOWN = 3

/** The documents that were shown already, by host. */
const shownBy = new WeakMap<object, WeakSet<object>>()

function shapeOfSelection(set: SelectionSetNode, fragments: Fragments): Record<string, unknown> {
  const shape: Record<string, unknown> = {}
  for (const field of fieldsOf(set, fragments)) {
    const name = responseName(field)
    shape[name] = merged(shape[name], field.selectionSet ? shapeOfSelection(field.selectionSet, fragments) : null)
  }
  return shape
}

/** Merges the selections of a field that is selected twice. */
function merged(first: unknown, second: unknown): unknown {
  const both = typeof first === 'object' && first !== null && typeof second === 'object' && second !== null
  return both ? { ...first, ...second } : (second ?? first ?? null)
}

/** Shortens files and long texts. */
function shortened(_key: string, value: unknown): unknown {
  if (isUpload(value)) return { name: value.name, type: value.type, size: value.size }
  return typeof value === 'string' && value.length > 500
    ? `${value.slice(0, 500)}… (${value.length} characters)`
    : value
}
