/** Checks documents against a schema, with graphql's own rules. */
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  KnownFragmentNamesRule,
  NoDeprecatedCustomRule,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  specifiedRules,
  UniqueFragmentNamesRule,
  type ValidationRule,
  validate,
} from 'graphql'
import { withoutRepeated } from '../graphql/document/gql.ts'
import { KnownOperationTypesRule } from '../graphql/schema/definition.ts'
import { type FoundDocument, type FoundDocuments, HOLE } from './find_documents.ts'
import type { Problem } from './script_modules.ts'

export interface Finding extends Problem {
  /** Undefined if no name is similar. */
  readonly suggestion: string | undefined
}

/** Returns the findings in the order of their places. */
export function checkDocuments({ documents, problems }: FoundDocuments, schema: GraphQLSchema): Finding[] {
  const found = [...problems, ...documents.flatMap((document) => problemsOf(document, schema))]
  const findings = found.map((problem) => {
    const [, message = problem.message, suggestion] = /^(.*?)\s*(Did you mean .*\?)$/s.exec(problem.message) ?? []
    return { ...problem, message, suggestion }
  })
  const distinct = new Map(findings.map((finding) => [JSON.stringify(finding), finding]))
  return [...distinct.values()].sort(
    (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) || a.line - b.line || a.column - b.column,
  )
}

// --- internal ---

function problemsOf({ path, own, fragments, isWhole, placeOf }: FoundDocument, schema: GraphQLSchema): Problem[] {
  if (!own) return []
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: withoutRepeated([...own.definitions, ...fragments]),
  }
  const isSent = own.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  // A fragment alone is sent with the documents that spread it, which are not known here.
  const rules = RULES.filter((rule) => (isSent && isWhole) || !OF_THE_WHOLE.includes(rule))
  return rules.flatMap((rule) =>
    validate(schema, document, [rule]).flatMap((error): Problem[] => {
      const place = placeIn(own, error) ?? (OF_THE_SUM.includes(rule) ? own.definitions[0]?.loc?.start : undefined)
      if (place === undefined || isHole(error)) return []
      const severity = rule === NoDeprecatedCustomRule ? 'warning' : 'error'
      const name = rule.name.replace(/(?:Custom)?Rule$/, '')
      return [{ path, ...placeOf(place), severity, rule: name, message: error.message }]
    }),
  )
}

/** One at a time, because graphql's errors do not name the rule. */
const RULES: readonly ValidationRule[] = [...specifiedRules, KnownOperationTypesRule, NoDeprecatedCustomRule]
/** Rules that need a document with all its fragments. */
const OF_THE_WHOLE: readonly ValidationRule[] = [KnownFragmentNamesRule, NoUnusedFragmentsRule, NoUnusedVariablesRule]
/** Rules that report a fragment because of the document that includes it. */
const OF_THE_SUM: readonly ValidationRule[] = [NoUnusedFragmentsRule, UniqueFragmentNamesRule]

/** The first node that is the document's own. An error in another document's fragment is reported there. */
function placeIn(own: DocumentNode, { nodes }: GraphQLError): number | undefined {
  const loc = nodes?.find((node) => node.loc?.source === own.loc?.source)?.loc
  return loc?.start
}

/** True if the error is about a value that only the run knows. It stands as a string. */
function isHole({ message }: GraphQLError): boolean {
  return message.includes(HOLE)
}
