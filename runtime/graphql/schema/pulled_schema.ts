/** Checks operations against a pulled schema, and makes mock data by it. */
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { type DocumentNode, type GraphQLSchema, specifiedRules, validate } from 'graphql'
import { ConfigError, type GraphQLErrorEntry, GraphQLRequestError } from '../../core/errors.ts'
import { listed } from '../../core/problems.ts'
import { quotedPath } from '../../core/visible.ts'
import { asSentence, label } from '../client/call_errors.ts'
import { withoutValues } from '../client/masking.ts'
import type { Variables } from '../client/options.ts'
import { withoutRepeated } from '../document/gql.ts'
import { parse, print } from '../document/language.ts'
import type { Operation } from '../document/operation.ts'
import { KnownOperationTypesRule, readSchema } from './definition.ts'
import { type MockData, mockData } from './mock_data.ts'
import { variableProblems } from './variable_problems.ts'

export interface PulledSchema {
  /** The name for messages. */
  readonly name: string
  /**
   * @param hidden values in the document that are masked in messages
   * @throws {GraphQLRequestError} `WFG_GRAPHQL_REQUEST` with line and column of every problem
   */
  checkDocument(operation: Operation, hidden?: unknown): void
  /** @throws {GraphQLRequestError} `WFG_GRAPHQL_REQUEST` with the names of the variables that do not fit, without values */
  checkVariables(operation: Operation, variables: Variables): void
  /**
   * Returns mock data for a document and variables that fit.
   *
   * @param given the known part of the data
   */
  answer(operation: Operation, variables: Variables, given?: object): MockData
}

/** @throws {ConfigError} `WFG_CONFIG` if the file is not a schema definition */
export function readPulledSchema(file: string, profile: string): PulledSchema {
  const known = read.get(file)
  if (known) return known
  const schema = schemaOf(file, profile)
  const name = `the schema of the profile ${JSON.stringify(profile)}`
  const checked = new WeakSet<object>()
  const server: PulledSchema = {
    name,
    checkDocument(operation, hidden) {
      if (checked.has(operation.document)) return
      const found = validate(schema, located(operation), RULES).map(({ message, locations = [] }) => ({
        message,
        locations,
      }))
      const errors = hidden === undefined ? found : withoutValues(found, hidden)
      if (errors.length > 0) throw misfit(operation, `it does not fit ${name}`, errors, FIX_DOCUMENT)
      checked.add(operation.document)
    },
    checkVariables(operation, variables) {
      const problems = variableProblems(schema, operation, variables)
      if (problems.length === 0) return
      const errors = problems.map((message) => ({ message }))
      throw misfit(operation, `its variables do not fit ${name}`, errors, FIX_VARIABLES)
    },
    answer: (operation, variables, given) => mockData(schema, operation, variables, given),
  }
  read.set(file, server)
  return server
}

// --- internal ---

const read = new Map<string, PulledSchema>()
const RULES = [...specifiedRules, KnownOperationTypesRule]

const FIX_DOCUMENT = 'Correct the document, or pull the schema again if the server has changed.'
const FIX_VARIABLES = 'Correct the values, or pull the schema again if the server has changed.'

function schemaOf(file: string, profile: string): GraphQLSchema {
  try {
    return readSchema(readFileSync(file, 'utf8'))
  } catch (error) {
    const remedy = `Pull it again, with \`schema pull --profile ${profile}\`.`
    throw new ConfigError(
      `Cannot use the schema of the profile ${JSON.stringify(profile)}: ${quotedPath(shown(file))} is not a schema definition ` +
        `(${(error as Error).message.replace(/\.$/, '')}); expected what \`schema pull\` writes. ${remedy}`,
      { remedy },
    )
  }
}

/** Returns the path relative to the working directory, if the file is below it. */
function shown(file: string): string {
  const path = relative(resolve(), file)
  return path.startsWith('..') ? file : path
}

/** The document with the line and column of each node, which documents made by `gql` lack. */
function located({ document, source }: Operation): DocumentNode {
  if (document.definitions.some(({ loc }) => loc !== undefined)) return document
  const written = parse(document.loc?.source.body ?? source)
  const whole = { ...written, definitions: withoutRepeated(written.definitions) }
  // The document may have been changed after `gql` made it.
  return print(whole) === source ? whole : parse(source)
}

function sentencesOf(errors: readonly GraphQLErrorEntry[]): string {
  const sentences = errors.map(({ message, locations }) => {
    const [at] = locations ?? []
    return asSentence(at ? `Line ${at.line}, column ${at.column}: ${message}` : message)
  })
  return listed(sentences, (count) => `And ${count} more.`).join(' ')
}

function misfit(
  operation: Operation,
  state: string,
  errors: readonly GraphQLErrorEntry[],
  remedy: string,
): GraphQLRequestError {
  return new GraphQLRequestError(
    `Cannot execute the ${label({ operation })}: ${state}. ${sentencesOf(errors)} Nothing was sent. ${remedy}`,
    { errors, operationName: operation.name, remedy },
  )
}
