/** Checks documents against a schema, with graphql's own rules. */
import {
  type ASTVisitor,
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
  type ValidationContext,
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

type Rule = (context: ValidationContext) => ASTVisitor

function problemsOf({ path, own, fragments, isWhole, placeOf }: FoundDocument, schema: GraphQLSchema): Problem[] {
  if (!own) return []
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: withoutRepeated([...own.definitions, ...fragments]),
  }
  const isSent = own.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  const rules = specifiedRules.filter((rule) => {
    // A fragment alone is sent with the documents that spread it, which are not known here.
    return (isSent && isWhole) || !OF_THE_WHOLE.includes(rule)
  })
  const problems: Problem[] = []
  const collect =
    (rule: Rule, severity: Problem['severity']): Rule =>
    (context) =>
      rule(
        Object.create(context, {
          reportError: {
            value: (error: GraphQLError) => {
              const place = placeIn(own, error) ?? (OF_THE_SUM.includes(rule) ? startOf(own) : undefined)
              if (place === undefined || isHole(error)) return
              problems.push({
                path,
                ...placeOf(place),
                severity,
                rule: rule.name.replace(/(?:Custom)?Rule$/, ''),
                message: error.message,
              })
            },
          },
        }),
      )
  validate(schema, document, [
    ...[...rules, KnownOperationTypesRule].map((rule) => collect(rule as Rule, 'error')),
    collect(NoDeprecatedCustomRule, 'warning'),
  ])
  return problems
}

/** Rules that need a document with all its fragments. */
const OF_THE_WHOLE: readonly Rule[] = [KnownFragmentNamesRule, NoUnusedFragmentsRule, NoUnusedVariablesRule]
/** Rules that report a fragment because of the document that includes it. */
const OF_THE_SUM: readonly Rule[] = [NoUnusedFragmentsRule, UniqueFragmentNamesRule]

function startOf({ definitions }: DocumentNode): number | undefined {
  return definitions[0]?.loc?.start
}

/** The first node that is the document's own. An error in another document's fragment is reported there. */
function placeIn(own: DocumentNode, { nodes }: GraphQLError): number | undefined {
  const loc = nodes?.find((node) => node.loc?.source === own.loc?.source)?.loc
  return loc?.start
}

/** True if the error is about a value that only the run knows. It stands as a string. */
function isHole({ message }: GraphQLError): boolean {
  return message.includes(HOLE)
}
