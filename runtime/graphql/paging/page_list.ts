/** Finds WorkflowGen's paged list in a document: its path in the response, and the variables of the page. */
import type { FieldNode, ValueNode } from 'graphql'
import { UsageError } from '../../core/errors.ts'
import type { Variables } from '../client/options.ts'
import { Kind } from '../document/language.ts'
import type { Operation } from '../document/operation.ts'
import { fieldsOf, fragmentsOf, responseName } from '../document/selection.ts'

export interface PageList {
  /** Response path, such as `['viewer', 'actions']`. */
  readonly path: readonly string[]
  /** Response names of the fields, which may be aliases. */
  readonly names: {
    readonly items: string
    readonly totalCount: string
    readonly hasNextPage: string
    /** Of each item. Undefined if it is not selected. */
    readonly id: string | undefined
  }
  /** Page number and size in the variables or the document. Undefined if not given. */
  readonly given: { readonly number: number | undefined; readonly size: number | undefined }
  /** True if a variable sets the size. */
  readonly sizeIsVariable: boolean
  variablesFor(number: number, size: number): Variables
}

/**
 * @throws {UsageError} `WFG_USAGE` if there is no such list, if there are several and no `path`, or if no variable sets the page
 */
export function findPageList(operation: Operation, variables: Variables, path: string | undefined): PageList {
  const candidates = listCandidates(operation)
  const names = candidates.map((candidate) => candidate.path.join('.'))
  const index = path === undefined ? 0 : names.indexOf(path)
  if (candidates.length === 0) {
    throw new UsageError(
      'Cannot page through the document: no field has the argument page and selects items; ' +
        'expected a list such as actions(page: { number: $page, size: $size }) { hasNextPage items { id } }.',
    )
  }
  if (index < 0 || (path === undefined && candidates.length > 1)) {
    const found = path === undefined ? `it has ${candidates.length} lists` : `it has no list at ${JSON.stringify(path)}`
    throw new UsageError(
      `Cannot page through the document: ${found}; choose one with the option path: ${names.join(', ')}.`,
    )
  }
  return pageListOf(candidates[index]!, operation, variables)
}

// --- internal ---

interface Candidate {
  readonly path: readonly string[]
  readonly page: ValueNode
  /** Response names of the selected fields, by field name. */
  readonly selected: ReadonlyMap<string, string>
  /** Response name of the items' `id`. Another field may have the alias `id`. */
  readonly id: string | undefined
}

function listCandidates(operation: Operation): Candidate[] {
  const fragments = fragmentsOf(operation)
  const fieldsIn = (fields: readonly FieldNode[]): FieldNode[] =>
    fields.flatMap(({ selectionSet }) => (selectionSet ? fieldsOf(selectionSet, fragments) : []))
  const idOfItems = (fields: readonly FieldNode[]): string | undefined => {
    const id = fieldsIn(fields.filter(isNamed('items'))).find(isNamed('id'))
    return id && responseName(id)
  }
  const visit = (fields: readonly FieldNode[], path: readonly string[]): Candidate[] => {
    const names = new Set(fields.map(responseName))
    return [...names].flatMap((name) => {
      // A field may be selected several times, each time with other fields.
      const same = fields.filter((field) => responseName(field) === name)
      const inner = fieldsIn(same)
      const page = same[0]?.arguments?.find((argument) => argument.name.value === 'page')?.value
      const selected = new Map(inner.map((child) => [child.name.value, responseName(child)]))
      // A list inside the items has no single path.
      if (selected.has('items')) return page ? [{ path: [...path, name], page, selected, id: idOfItems(inner) }] : []
      return visit(inner, [...path, name])
    })
  }
  return visit(fieldsOf(operation.definition.selectionSet, fragments), [])
}

function isNamed(name: string): (field: FieldNode) => boolean {
  return (field) => field.name.value === name
}

function pageListOf({ path, page, selected, id }: Candidate, operation: Operation, variables: Variables): PageList {
  const where = path.join('.')
  if (!selected.has('hasNextPage') && !selected.has('totalCount')) {
    throw new UsageError(
      `Cannot page through ${JSON.stringify(where)}: it selects nothing that tells the last page; select hasNextPage.`,
    )
  }
  const nameOf = (field: string): string => selected.get(field) ?? field
  const names = { items: nameOf('items'), totalCount: nameOf('totalCount'), hasNextPage: nameOf('hasNextPage'), id }
  const list = { path, names }
  const defaults = variableDefaults(operation)
  const variableValue = (name: string): unknown => variables[name] ?? defaults.get(name)
  if (page.kind === Kind.VARIABLE) {
    const name = page.name.value
    const given = (variableValue(name) ?? {}) as { number?: unknown; size?: unknown }
    return {
      ...list,
      given: { number: wholeNumber(given.number), size: wholeNumber(given.size) },
      sizeIsVariable: true,
      variablesFor: (number, size) => ({ ...variables, [name]: { ...given, number, size } }),
    }
  }
  const fields = new Map(page.kind === Kind.OBJECT ? page.fields.map((field) => [field.name.value, field.value]) : [])
  const number = fields.get('number')
  const size = fields.get('size')
  if (number?.kind !== Kind.VARIABLE) {
    throw new UsageError(
      `Cannot page through ${JSON.stringify(where)}: the number of its page is not a variable; ` +
        'write page: { number: $page, size: $size } and declare $page: Int, $size: Int.',
    )
  }
  const sizeVariable = size?.kind === Kind.VARIABLE ? size.name.value : undefined
  return {
    ...list,
    given: {
      number: wholeNumber(variableValue(number.name.value)),
      size: wholeNumber(sizeVariable === undefined ? literal(size) : variableValue(sizeVariable)),
    },
    sizeIsVariable: sizeVariable !== undefined,
    variablesFor: (pageNumber, pageSize) => ({
      ...variables,
      [number.name.value]: pageNumber,
      ...(sizeVariable === undefined ? {} : { [sizeVariable]: pageSize }),
    }),
  }
}

function variableDefaults(operation: Operation): Map<string, unknown> {
  const definitions = operation.definition.variableDefinitions ?? []
  return new Map(definitions.map(({ variable, defaultValue }) => [variable.name.value, literal(defaultValue)]))
}

function literal(value: ValueNode | undefined): unknown {
  if (value?.kind === Kind.INT) return Number(value.value)
  if (value?.kind === Kind.OBJECT)
    return Object.fromEntries(value.fields.map((field) => [field.name.value, literal(field.value)]))
  return undefined
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
}
