/** The variables of an operation as a command line gives them, typed by the variable definitions. */
import type { ListTypeNode, NamedTypeNode, TypeNode, VariableDefinitionNode } from 'graphql'
import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import { readNumber } from '../../core/text_values.ts'
import type { Variables } from '../client/options.ts'
import { file } from '../document/file.ts'
import { Kind, print } from '../document/language.ts'
import type { Operation } from '../document/operation.ts'
import {
  A_FILE,
  AN_OBJECT,
  type Checked,
  checkJson,
  collect,
  isInput,
  MUST_NOT_BE_NULL,
  needs,
  scalarOf,
  UPLOAD,
} from './json_values.ts'

export interface GivenVariables {
  /** By name, in the order they were given. They win over `json`. */
  readonly texts: ReadonlyMap<string, readonly string[]>
  readonly json: Variables
  /** Names of variables that are set elsewhere, such as the page number of a paged list. */
  readonly supplied: readonly string[]
}

/**
 * Reads each text by the type of its variable:
 *
 * - Int, Float, Boolean, DateTime: a value of the type, or `null`
 * - String, ID: the text itself, also `null`
 * - Upload: `@FILE`
 * - a list: a JSON list, one item, or several texts, one for each item
 * - any other type, such as an enum or an input object: JSON if the text is JSON, else the text
 *
 * @returns all problems, by name and type, without values. The variables are complete if there is none
 */
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
    const checked = checkedValue(definition, texts.get(name), json)
    const label = `$${name} (${print(definition.type)})`
    if (checked && 'value' in checked) values.set(name, checked.value)
    else if (checked) problems.push(`${label} ${checked.problem}`)
    else if (isRequired(definition) && !supplied.includes(name))
      problems.push(`${label} is required, and was not given`)
  }
  return { variables: Object.fromEntries(values), problems }
}

// --- internal ---

/** Returns undefined if no value was given. */
function checkedValue(
  { variable, type }: VariableDefinitionNode,
  texts: readonly string[] | undefined,
  json: Variables,
): Checked | undefined {
  const name = variable.name.value
  if (texts) return fromTexts(type, texts)
  return Object.hasOwn(json, name) ? checkJson(type, json[name]) : undefined
}

function isRequired({ type, defaultValue }: VariableDefinitionNode): boolean {
  return type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined
}

function instead(name: string, declared: readonly string[]): string {
  if (declared.length === 0) return '; the operation declares no variables'
  return didYouMean(name, declared) || `; the operation declares ${declared.map((each) => `$${each}`).join(', ')}`
}

function fromTexts(type: TypeNode, texts: readonly string[]): Checked {
  const inner = type.kind === Kind.NON_NULL_TYPE ? type.type : type
  if (texts.length === 1) return fromText(type, texts[0]!)
  if (inner.kind === Kind.LIST_TYPE) return collect(texts.map((text) => fromText(inner.type, text)))
  return { problem: `takes one value, and was given ${texts.length}` }
}

function fromText(type: TypeNode, text: string): Checked {
  if (type.kind === Kind.NON_NULL_TYPE) {
    const checked = fromText(type.type, text)
    return 'value' in checked && checked.value === null ? { problem: MUST_NOT_BE_NULL } : checked
  }
  if (type.kind === Kind.LIST_TYPE) return listFromText(type, text)
  const name = type.name.value
  if (name === 'String' || name === 'ID') return { value: text }
  if (text.trim() === 'null') return { value: null }
  if (name === UPLOAD) return uploadFromText(text)
  if (!scalarOf(name)) return unknownFromText(type, text)
  // A date stays as it was written: the server knows its time zone.
  return checkJson(type, name === 'DateTime' ? text.trim() : plainValue(text.trim()))
}

function plainValue(text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : (readNumber(text) ?? text)
}

function listFromText(type: ListTypeNode, text: string): Checked {
  if (text.trim() === 'null') return { value: null }
  if (!text.trimStart().startsWith('[')) {
    const item = fromText(type.type, text)
    return 'value' in item ? { value: [item.value] } : item
  }
  const json = readJson(text)
  return json ? checkJson(type, json.value) : { problem: 'begins with "[" and is not a JSON list' }
}

/** Without the server's schema, an enum looks like a scalar. A name is not JSON, so it stays a text. */
function unknownFromText(type: NamedTypeNode, text: string): Checked {
  const json = readJson(text)
  if (json) {
    const isInexact = typeof json.value === 'number' && readNumber(text.trim()) === undefined
    return isInexact ? { value: text.trim() } : checkJson(type, json.value)
  }
  if (/^\s*[[{"]/.test(text)) return { problem: 'begins like JSON and is not valid JSON' }
  return isInput(type.name.value) ? needs(AN_OBJECT, text) : { value: text }
}

function uploadFromText(text: string): Checked {
  if (!text.startsWith('@') || text === '@') return needs(A_FILE, text)
  try {
    return { value: file(text.slice(1)) }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { problem: `needs ${A_FILE}. ${error.message}` }
  }
}

function readJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
