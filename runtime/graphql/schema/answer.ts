/** The answer that a schema allows to a document: what is known of it, held against the schema, and the rest filled in. */
import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql'
import { didYouMean } from '../../core/nearest.ts'
import type { Variables } from '../client/options.ts'
import type { Operation } from '../document/document.ts'
import { Kind } from '../document/language.ts'
import { fragmentsOf, responseName } from '../document/selection.ts'
import { AN_OBJECT, isObject, MUST_NOT_BE_NULL, needs } from '../document/variables_json.ts'
import { inclusionOf } from './inclusion.ts'
import { leafProblem, plainestValue } from './leaf_values.ts'
import { objectTypeOf, type Selecting, selectedOf } from './selection.ts'

export interface Answered {
  /** What the document selects, and nothing else. */
  readonly data: Record<string, unknown>
  /** By response path, never with a value. */
  readonly problems: readonly string[]
}

/**
 * What is not given is filled in: a list has one item, an object what is selected of it, a leaf is null, or where it may
 * not be, the plainest value of its kind.
 *
 * @param operation one that fits the schema
 */
export function answerBySchema(
  schema: GraphQLSchema,
  operation: Operation,
  variables: Variables,
  given?: object,
): Answered {
  const problems: string[] = []
  const reader: Reader = {
    schema,
    fragments: fragmentsOf(operation),
    isIncluded: inclusionOf(operation, variables),
    tell: (path, problem) => void problems.push(`${path.join('.')} ${problem}`),
  }
  const root = schema.getRootType(operation.definition.operation)
  // As JSON sends it, where a `Date` is a text and what is undefined is not there.
  const known = given && (JSON.parse(JSON.stringify(given)) as Members)
  const data = root ? objectOf(root, operation.definition.selectionSet, known, [], reader) : {}
  return { data, problems }
}

// --- internal ---

type Members = Record<string, unknown>
type Path = readonly (string | number)[]

interface Reader extends Selecting {
  tell(path: Path, problem: string): void
}

function objectOf(
  type: GraphQLObjectType,
  set: SelectionSetNode,
  given: Members | undefined,
  path: Path,
  reader: Reader,
): Members {
  const selected = grouped(selectedOf(type, set, reader))
  checkMembers(type, selected, given ?? {}, path, reader)
  const members = [...selected].map(([name, nodes]) => {
    const here = [...path, name]
    const value = given && Object.hasOwn(given, name) ? given[name] : undefined
    return [name, fieldOf(type, nodes, value, here, reader)] as const
  })
  return Object.fromEntries(members)
}

/** A field may be selected several times, with different parts. */
function grouped(nodes: readonly FieldNode[]): Map<string, FieldNode[]> {
  const groups = new Map<string, FieldNode[]>()
  for (const node of nodes) groups.set(responseName(node), [...(groups.get(responseName(node)) ?? []), node])
  return groups
}

/** A server would send none of what is not selected; what it could not send at all is a mistake of the answer. */
function checkMembers(
  type: GraphQLObjectType,
  selected: ReadonlyMap<string, readonly FieldNode[]>,
  given: Members,
  path: Path,
  reader: Reader,
): void {
  const fields = Object.keys(type.getFields())
  for (const name of Object.keys(given)) {
    if (selected.has(name) || name === '__typename') continue
    const alias = [...selected].find(([, [node]]) => node?.name.value === name)?.[0]
    if (alias !== undefined) reader.tell([...path, name], `is selected as ${JSON.stringify(alias)}`)
    else if (!fields.includes(name))
      reader.tell(
        [...path, name],
        `is no field of ${type.name}${didYouMean(name, new Set([...selected.keys(), ...fields]))}`,
      )
  }
}

function fieldOf(
  parent: GraphQLObjectType,
  nodes: readonly FieldNode[],
  given: unknown,
  path: Path,
  reader: Reader,
): unknown {
  const name = nodes[0]!.name.value
  if (name === '__typename') {
    if (given !== undefined && given !== parent.name) reader.tell(path, `needs to be ${parent.name}`)
    return parent.name
  }
  const field = META_FIELDS.get(name) ?? parent.getFields()[name]
  const selections = nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? [])
  return field ? fittingValue(field.type, { kind: Kind.SELECTION_SET, selections }, given, path, reader) : null
}

const META_FIELDS = new Map([SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]))

function fittingValue(
  type: GraphQLOutputType,
  set: SelectionSetNode,
  given: unknown,
  path: Path,
  reader: Reader,
): unknown {
  const mayBeNull = !isNonNullType(type)
  const inner = getNullableType(type)
  const wrong = (problem: string | undefined): null => {
    if (problem !== undefined) reader.tell(path, `(${type}) ${problem}`)
    return null
  }
  if (given === null) return wrong(mayBeNull ? undefined : MUST_NOT_BE_NULL)
  if (isListType(inner)) {
    if (given !== undefined && !Array.isArray(given)) return wrong(needs('a list', given).problem)
    return (given ?? [undefined]).map((item: unknown, index: number) =>
      fittingValue(inner.ofType, set, item, [...path, index], reader),
    )
  }
  if (isLeafType(inner)) {
    if (given === undefined) return mayBeNull ? null : plainestValue(inner)
    // JSON has an ID as a text, whatever the server makes it of.
    const problem = inner.name === 'ID' && typeof given !== 'string' ? needs('a text', given).problem : undefined
    const found = problem ?? leafProblem(inner, given)
    return found === undefined ? given : wrong(found)
  }
  if (given !== undefined && !isObject(given)) return wrong(needs(AN_OBJECT, given).problem)
  const { type: object, problem } = objectTypeOf(inner, set, given, reader)
  if (problem !== undefined) reader.tell(path, problem)
  return object ? objectOf(object, set, given, path, reader) : null
}
