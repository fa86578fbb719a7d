/** Shows the server's schema in the terminal: its queries and mutations, a type, a field, or what a search finds. */
import type { GraphQLSchema } from 'graphql'
import { UsageError } from '../core/errors.ts'
import { didYouMean } from '../core/nearest.ts'
import { indent, renderTerms, wrap } from '../core/wrap.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import { type Entry, entriesOf, flattened } from './entries.ts'
import { currentSchema } from './schema_source.ts'

/**
 * @param name a type, a field as `Type.field`, or a field of a query or mutation
 * @param word shows only entries that have it in their name or description
 */
export async function showSchema(
  call: CommandCall,
  name: string | undefined,
  word: string | undefined,
  isJson: boolean,
): Promise<void> {
  const { host, flags } = call
  const { schema, from } = await currentSchema(call)
  const all = entriesOf(schema)
  const roots = rootsOf(schema, all)
  const chosen = name === undefined ? undefined : findEntry(all, roots, name, from)
  const found = word === undefined ? undefined : search(chosen ? [chosen] : all, word)
  if (isJson) {
    await host.stdout.write(`${JSON.stringify(found ?? chosen ?? roots, null, 2)}\n`)
    return
  }
  const columns = host.stdout.columns ?? Number.POSITIVE_INFINITY
  const lines = found
    ? renderFound(found, columns)
    : chosen
      ? renderEntry(chosen, columns)
      : renderRoots(roots, columns)
  await host.stdout.write(lines.map((line) => `${line}\n`).join(''))
  const state = found?.length === 0 ? `Nothing has ${JSON.stringify(word)} in its name or description. ` : ''
  const gap = host.stderr.isTTY && lines.length > 0 ? '\n' : ''
  if (!flags.quiet) await host.stderr.write(`${gap}${state}From ${from}.\n`)
}

// --- internal ---

function rootsOf(schema: GraphQLSchema, all: readonly Entry[]): Entry[] {
  const names = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].map(
    (type) => type?.name,
  )
  return all.filter(({ name }) => names.includes(name))
}

/** @throws {UsageError} `WFG_USAGE` with the nearest name */
function findEntry(all: readonly Entry[], roots: readonly Entry[], name: string, from: string): Entry {
  const fields = roots.flatMap(({ members }) => members)
  const found =
    flattened(all).find(({ coordinate }) => coordinate === name) ?? fields.find((field) => field.name === name)
  if (found) return found
  const [, typeName] = /^(\w+)\./.exec(name) ?? []
  const type = all.find((each) => each.name === typeName)
  const candidates = type
    ? type.members.map(({ coordinate }) => coordinate)
    : [...all, ...fields].map((each) => each.name)
  throw new UsageError(
    `Cannot show ${JSON.stringify(name)}: there is no such type or field in ${from}${didYouMean(name, candidates) || ';'} ` +
      'expected a type, or a field as Type.field; --search WORD looks for a part of a name.',
  )
}

function search(entries: readonly Entry[], word: string): Entry[] {
  const wanted = word.toLowerCase()
  return flattened(entries)
    .filter(({ name, description }) => `${name}\n${description ?? ''}`.toLowerCase().includes(wanted))
    .map((entry) => ({ ...entry, members: [] }))
}

/** The queries and mutations, a line each. */
function renderRoots(roots: readonly Entry[], columns: number): string[] {
  return roots.flatMap(({ name, members }, index) => {
    const terms = members.map((field) => {
      const given = field.members.map((argument) => argument.name).join(', ')
      return [`${field.name}${given && `(${given})`}: ${field.type}`, explanationOf(field)] as const
    })
    return [...(index > 0 ? [''] : []), name, ...onOneLine(terms, columns)]
  })
}

/** What a search has found, a line each. */
function renderFound(found: readonly Entry[], columns: number): string[] {
  return onOneLine(
    found.map((entry) => [`${entry.coordinate}${entry.type === null ? '' : `: ${entry.type}`}`, explanationOf(entry)]),
    columns,
  )
}

function renderEntry(entry: Entry, columns: number): string[] {
  const { coordinate, definition, members } = entry
  const title = coordinate.replace(/\w+(?::(\)))?$/, (_, end = '') => definition + end)
  const text = explanationOf(entry)
  const terms = members.map((member) => [member.definition, explanationOf(member)] as const)
  const list = renderTerms(terms, { columns }).flatMap((line) => folded(line, columns))
  return [
    ...folded(title, columns),
    ...(text === '' ? [] : ['', ...indent(text, 0, columns)]),
    ...(list.length === 0 ? [] : ['', ...list]),
  ]
}

function explanationOf({ description, deprecated }: Entry): string {
  const reason = deprecated === null ? '' : `Deprecated: ${deprecated.replace(/[^.]$/, '$&.')}`
  return [reason, description ?? ''].filter(Boolean).join(' ')
}

const TO_TYPE = ':\u0001'

/** Breaks a definition that is longer than the terminal is wide, but not between a name and its type. */
function folded(line: string, columns: number): string[] {
  if (line.length <= columns) return [line]
  const start = line.length - line.trimStart().length
  const [first = '', ...more] = wrap(line.trim().replaceAll(': ', TO_TYPE), columns - start - 4)
  return [first, ...more].map(
    (part, index) => ' '.repeat(index === 0 ? start : start + 4) + part.replaceAll(TO_TYPE, ': '),
  )
}

function onOneLine(terms: readonly (readonly [term: string, explanation: string])[], columns: number): string[] {
  const width = Math.max(0, ...terms.map(([term]) => term.length))
  return terms.map(([term, text]) => {
    const line = `  ${term.padEnd(width)}  ${text.replaceAll(/\s+/g, ' ')}`.trimEnd()
    return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`
  })
}
