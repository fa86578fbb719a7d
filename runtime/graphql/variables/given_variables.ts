/** The variables of an operation from what a command line gives, typed by the document's own definitions. */
import type { VariableDefinitionNode } from 'graphql'
import { didYouMean } from '../../core/nearest.ts'
import type { Variables } from '../client/options.ts'
import { Kind, print } from '../document/language.ts'
import type { Operation } from '../document/operation.ts'
import { fromTexts } from './from_texts.ts'
import { checkJson, type Typed } from './json_values.ts'

export interface GivenVariables {
  /** By name, in the order they were given. They win over `json`. */
  readonly texts: ReadonlyMap<string, readonly string[]>
  readonly json: Variables
  /** Names that somebody else gives a value, such as the page of a list that is paged. */
  readonly supplied: readonly string[]
}

/** @returns every problem by name and type, never with a value; the variables are complete where there is none */
export function typeVariables(
  operation: Operation,
  { texts, json, supplied }: GivenVariables,
): { variables: Variables; problems: string[] } {
  const definitions = operation.definition.variableDefinitions ?? []
  const declared = definitions.map(({ variable }) => variable.name.value)
  const unknown = [...texts.keys(), ...Object.keys(json)].filter((name) => !declared.includes(name))
  const problems = [...new Set(unknown)].map((name) => `$${name} is not declared${instead(name, declared)}`)
  const values = new Map<string, unknown>()
  for (const definition of definitions) {
    const name = definition.variable.name.value
    const typed = typedValue(definition, texts.get(name), json)
    if (typed && 'value' in typed) values.set(name, typed.value)
    else if (typed) problems.push(`${written(definition)} ${typed.problem}`)
    else if (isRequired(definition) && !supplied.includes(name)) {
      problems.push(`${written(definition)} is required, and was not given`)
    }
  }
  return { variables: Object.fromEntries(values), problems }
}

// --- internal ---

/** Undefined where none was given. */
function typedValue(
  { variable, type }: VariableDefinitionNode,
  texts: readonly string[] | undefined,
  json: Variables,
): Typed | undefined {
  const name = variable.name.value
  if (texts) return fromTexts(type, texts)
  return Object.hasOwn(json, name) ? checkJson(type, json[name]) : undefined
}

function isRequired({ type, defaultValue }: VariableDefinitionNode): boolean {
  return type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined
}

function written({ variable, type }: VariableDefinitionNode): string {
  return `$${variable.name.value} (${print(type)})`
}

function instead(name: string, declared: readonly string[]): string {
  if (declared.length === 0) return '; the operation declares no variables'
  return didYouMean(name, declared) || `; the operation declares ${declared.map((each) => `$${each}`).join(', ')}`
}
