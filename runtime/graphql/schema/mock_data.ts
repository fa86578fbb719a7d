/** Mock data for a document by a schema: graphql executes the document over the given data, and fills in what is missing. */
import {
  executeSync,
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql'
import { didYouMean } from '../../core/nearest.ts'
import type { Variables } from '../client/options.ts'
import type { Operation } from '../document/operation.ts'
import { fieldsOf, isIncluded, responseName } from '../document/selection.ts'
import { AN_OBJECT, isObject, MUST_NOT_BE_NULL, needs } from '../variables/json_values.ts'
import { leafProblem, plainestValue } from './leaf_values.ts'
import { asSent } from './variable_problems.ts'

export interface MockData {
  /** Exactly what the document selects. */
  readonly data: Record<string, unknown>
  /** By response path, without values. */
  readonly problems: readonly string[]
}

/**
 * Fills in what is not given: a list gets one item, a leaf is null, and a non-null leaf gets a simple value.
 *
 * @param operation fits the schema, and so do the variables
 */
export function mockData(
  schema: GraphQLSchema,
  operation: Operation,
  variables: Variables,
  given: object = {},
): MockData {
  const problems: string[] = []
  const tell = (path: Path, problem: string) => void problems.push(`${path.join('.')} ${problem}`)
  const objects: Part[] = []
  const partOf = (value: Members = {}, path: Path): Part => {
    const part = { given: value, path, selected: new Map<string, string>(), type: undefined }
    objects.push(part)
    return part
  }
  const fittingValue = (type: GraphQLOutputType, found: unknown, path: Path): unknown => {
    const inner = getNullableType(type)
    const problem = problemOf(type, found)
    if (problem !== undefined) tell(path, `(${type}) ${problem}`)
    const known = problem === undefined ? found : undefined
    const mayBeNull = !isNonNullType(type)
    if (known === null || (problem !== undefined && mayBeNull)) return null
    if (isListType(inner)) {
      const items = (known ?? [undefined]) as unknown[]
      return items.map((item, index) => fittingValue(inner.ofType, item, [...path, index]))
    }
    if (isLeafType(inner)) return known ?? (mayBeNull ? null : plainestValue(inner))
    return partOf(known as Members | undefined, path)
  }
  const fieldResolver: GraphQLFieldResolver<Part, unknown> = (part, _args, _context, info) => {
    const name = String(info.path.key)
    part.selected.set(name, info.fieldName)
    part.type = info.parentType
    return fittingValue(info.returnType, own(part.given, name), [...part.path, name])
  }
  const typeResolver: GraphQLTypeResolver<Part, unknown> = (part, _context, info, common) => {
    const types = schema.getPossibleTypes(common)
    const selected = types.map((type) => [type.name, selectedOf(type, info)] as const)
    const alias = selected[0]![1].find(({ name }) => name.value === '__typename')
    const said = (alias && own(part.given, responseName(alias))) ?? own(part.given, '__typename')
    if (said !== undefined) {
      const found = types.find(({ name }) => name === said)
      if (found) return found.name
      tell(part.path, `(${common.name}) needs a type that is one: ${types.map(({ name }) => name).join(', ')}`)
    }
    // Prefers a type that has all given fields, then the type with the most selected fields.
    const ranked = selected.map(([name, fields]) => {
      const names = new Set(fields.map(responseName))
      return { name, isFitting: Object.keys(part.given).every((each) => names.has(each)), count: names.size }
    })
    return ranked.sort((a, b) => Number(b.isFitting) - Number(a.isFitting) || b.count - a.count)[0]!.name
  }
  const { data } = executeSync({
    schema,
    document: operation.document,
    operationName: operation.name,
    variableValues: asSent(variables) as Variables,
    // As JSON: a `Date` is a string, and undefined members are left out.
    rootValue: partOf(JSON.parse(JSON.stringify(given)) as Members, []),
    fieldResolver,
    typeResolver,
  })
  const answered = JSON.parse(JSON.stringify(data ?? {})) as Members
  return { data: answered, problems: [...objects.flatMap((part) => memberProblems(part, answered)), ...problems] }
}

// --- internal ---

type Members = Record<string, unknown>
type Path = readonly (string | number)[]

/** An object of the data. */
interface Part {
  readonly given: Members
  readonly path: Path
  /** Field names by response name, without those that graphql resolves itself. */
  readonly selected: Map<string, string>
  type: GraphQLObjectType | undefined
}

function own(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined
}

function problemOf(type: GraphQLOutputType, given: unknown): string | undefined {
  if (given === undefined) return undefined
  if (given === null) return isNonNullType(type) ? MUST_NOT_BE_NULL : undefined
  const inner = getNullableType(type)
  if (isListType(inner)) return Array.isArray(given) ? undefined : needs('a list', given).problem
  if (!isLeafType(inner)) return isObject(given) ? undefined : needs(AN_OBJECT, given).problem
  // In JSON an ID is a string.
  if (inner.name === 'ID' && typeof given !== 'string') return needs('a text', given).problem
  return leafProblem(inner, given)
}

function selectedOf(type: GraphQLObjectType, info: GraphQLResolveInfo): FieldNode[] {
  const fragments = new Map(Object.entries(info.fragments))
  return info.fieldNodes.flatMap(({ selectionSet }) =>
    fieldsOf(selectionSet!, fragments, (selection, condition) => {
      const wanted = condition === undefined ? type : info.schema.getType(condition)
      const isOfType = wanted === type || (isAbstractType(wanted) && info.schema.isSubType(wanted, type))
      return isOfType && isIncluded(selection, info.variableValues)
    }),
  )
}

/** Reports given members that the server could never send. Members that are only not selected are ignored. */
function memberProblems({ given, path, selected, type }: Part, data: Members): string[] {
  const answered = path.reduce<unknown>((value, key) => (value as Members)[key], data) as Members
  const fields = Object.keys(type?.getFields() ?? {})
  return Object.keys(given).flatMap((name) => {
    const problem = (found: string) => [`${[...path, name].join('.')} ${found}`]
    if (selected.has(name)) return []
    const typename = own(answered, name)
    if (typename !== undefined) {
      return typeof typename !== 'string' || typename === given[name] ? [] : problem(`needs to be ${typename}`)
    }
    const alias = [...selected].find(([, field]) => field === name)?.[0]
    if (alias !== undefined) return problem(`is selected as ${JSON.stringify(alias)}`)
    if (!type || name === '__typename' || fields.includes(name)) return []
    return problem(`is not a field of ${type.name}${didYouMean(name, new Set([...selected.keys(), ...fields]))}`)
  })
}
