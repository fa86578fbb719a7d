/** Compares two schemas, and finds the scripts that each change touches. */
import { CriticalityLevel, diff } from '@graphql-inspector/core'
import { type GraphQLSchema, isEnumType } from 'graphql'
import type { Place, Uses } from './uses.ts'

export interface SchemaChange {
  /** `breaking`: a document that uses it fails. `dangerous`: a script may get a value that it does not expect. */
  readonly severity: 'breaking' | 'dangerous' | 'safe'
  readonly message: string
  /** Schema coordinate; undefined for a change of the schema as a whole. */
  readonly coordinate: string | undefined
  /** Places where scripts use it. */
  readonly touches: readonly Place[]
}

const SEVERITIES = ['breaking', 'dangerous', 'safe'] as const

/**
 * Returns breaking changes first, and in each severity those that touch scripts.
 *
 * @param uses of the schema before
 */
export async function compareSchemas(before: GraphQLSchema, after: GraphQLSchema, uses: Uses): Promise<SchemaChange[]> {
  const changes = (await diff(before, after)).filter(({ type }) => !type.startsWith('DIRECTIVE_USAGE_'))
  return changes
    .map(({ criticality: { level }, message, path, type }): SchemaChange => {
      const coordinate = path?.replace(/\.@.*$/, '')
      const severity = SEVERITY[level]
      // A changed default affects those who omit the value.
      const used = /_DEFAULT(?:_VALUE)?_CHANGED$/.test(type) ? coordinate?.replace(/\.[^.]*$/, '') : coordinate
      const touches = severity === 'safe' || used === undefined ? [] : touchedBy(used, before, uses)
      return { severity, message: `${message.replaceAll("'", '"')}.`, coordinate, touches }
    })
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        Number(b.touches.length > 0) - Number(a.touches.length > 0) ||
        (a.message < b.message ? -1 : 1),
    )
}

// --- internal ---

const SEVERITY = {
  [CriticalityLevel.Breaking]: 'breaking',
  [CriticalityLevel.Dangerous]: 'dangerous',
  [CriticalityLevel.NonBreaking]: 'safe',
} as const

/** An added member touches the uses of its type or field. A change of an enum value touches all uses of the enum. */
function touchedBy(coordinate: string, before: GraphQLSchema, uses: Uses): readonly Place[] {
  const [type = ''] = coordinate.split('.')
  const own = uses.get(coordinate)
  if (isEnumType(before.getType(type))) return uses.get(type) ?? own ?? []
  if (own) return own
  return isThere(coordinate, before) ? [] : (uses.get(coordinate.replace(/\.[^.]*$/, '')) ?? [])
}

function isThere(coordinate: string, schema: GraphQLSchema): boolean {
  const [name = '', field, argument] = coordinate.split('.')
  const type = schema.getType(name)
  if (!type || field === undefined) return type !== undefined
  const found = 'getFields' in type ? type.getFields()[field] : undefined
  if (argument === undefined) return found !== undefined
  return found !== undefined && 'args' in found && found.args.some((each) => each.name === argument)
}
