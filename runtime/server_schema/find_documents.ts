/** Finds every GraphQL document in files, with the fragments that it is sent with, without running a script. */
import { type DefinitionNode, type DocumentNode, GraphQLError, Kind, parse, Source, visit } from 'graphql'
import { DocumentText } from './document_text.ts'
import type { Reference, WrittenText } from './script_documents.ts'
import {
  createModules,
  type Place,
  type Problem,
  placeAt,
  readText,
  type ScriptModules,
  type Written,
} from './script_modules.ts'

export interface FoundDocument {
  /** Absolute path. */
  readonly path: string
  /** Its own definitions; undefined if it has a syntax error. */
  readonly own: DocumentNode | undefined
  /** The definitions of the documents that it includes. */
  readonly fragments: readonly DefinitionNode[]
  /** False if it includes something that only the run knows. */
  readonly isWhole: boolean
  /** Place in the file of a character of its text. */
  placeOf(index: number): Place
}

export interface FoundDocuments {
  readonly documents: readonly FoundDocument[]
  /** Files and documents that cannot be read. */
  readonly problems: readonly Problem[]
}

/** Prefix of the strings that stand for a value that only the run knows. */
export const HOLE = '_hole_'

/** @param paths absolute, of scripts and of `.graphql` files */
export function findDocuments(paths: readonly string[]): FoundDocuments {
  const reader: Reader = { modules: createModules(), read: new Map(), problems: [] }
  const files = paths.filter(isFile).flatMap((path) => graphqlFile(path, reader))
  for (const path of paths) if (!isFile(path)) readScript(path, reader)
  // These include documents of files that are only imported.
  const documents = [...files, ...reader.read.values()]
  return { documents: withSharedFragments(documents), problems: reader.problems }
}

// --- internal ---

interface Reader {
  readonly modules: ScriptModules
  readonly read: Map<WrittenText, FoundDocument>
  readonly problems: Problem[]
}

/** True if the whole file is a document. */
function isFile(path: string): boolean {
  return /\.(graphql|gql)$/.test(path)
}

function graphqlFile(path: string, reader: Reader): FoundDocument[] {
  const { source, problem } = readText(path)
  if (problem) {
    reader.problems.push(problem)
    return []
  }
  const placeOf = (index: number) => placeAt(source, index)
  const own = parsed(source, path, placeOf, reader)
  const isExecutable = own?.definitions.some(
    ({ kind }) => kind === Kind.OPERATION_DEFINITION || kind === Kind.FRAGMENT_DEFINITION,
  )
  // It may be a schema definition.
  return own && !isExecutable ? [] : [{ path, own, fragments: [], isWhole: false, placeOf }]
}

function readScript(path: string, reader: Reader): void {
  const module = reader.modules.at(path)
  const { documents, problem } = module
  if (problem) reader.problems.push(problem)
  if (!documents) return
  const given = documents.given.flatMap((name) => reader.modules.findGiven(module, name))
  for (const written of [...[...documents.texts].map((text) => ({ module, text })), ...given]) document(written, reader)
}

function document({ module, text: written }: Written, reader: Reader): FoundDocument {
  const known = reader.read.get(written)
  if (known) return known
  const { path, source } = module
  const text = new DocumentText()
  const others: Written[] = []
  let isWhole = true
  const include = (reference: Reference): void => {
    const found = reader.modules.find(module, reference)
    if (found) others.push(found)
    else isWhole = false
  }
  written.parts.forEach((part, index) => {
    text.addPart(source, part)
    if (index >= written.holes.length) return
    const reference = written.holes[index]
    const found = reader.modules.find(module, reference)?.text
    const isDocument = written.by === 'gql' || (written.by === 'wfg' && text.context.depth === 0)
    if (isDocument || (found && found.by !== 'text')) {
      text.add('\n')
      include(reference)
    } else if (written.by === 'text' && found?.holes.length === 0) {
      text.add(found.parts.map(({ cooked }) => cooked).join(''))
    } else {
      if (written.by === 'text') isWhole = false
      text.add(text.context.inside === 'text' ? '_' : ` "${HOLE}${index}" `)
    }
  })
  written.added.forEach(include)
  const placeOf = (index: number) => placeAt(source, text.placeOf(index))
  // A text that is built by the run may not be a document yet.
  const isCertain = written.by !== 'text' || isWhole
  const own = parsed(text.text, path, placeOf, reader, isCertain)
  const found = { path, own, fragments: [] as DefinitionNode[], isWhole, placeOf }
  // Set before the included documents are read, because two may include each other.
  reader.read.set(written, found)
  const inner = others.map((other) => document(other, reader))
  found.fragments = [...new Set(inner.flatMap(({ own, fragments }) => [...(own?.definitions ?? []), ...fragments]))]
  found.isWhole = isWhole && inner.every((each) => each.isWhole)
  return found
}

function parsed(
  text: string,
  path: string,
  placeOf: (index: number) => Place,
  { problems }: Reader,
  isCertain = true,
): DocumentNode | undefined {
  try {
    return parse(new Source(text, path))
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const place = placeOf(isCertain ? (error.positions?.[0] ?? 0) : 0)
    problems.push(
      isCertain
        ? { path, ...place, severity: 'error', rule: 'Syntax', message: error.message }
        : { path, ...place, severity: 'warning', rule: 'NotChecked', message: NOT_CHECKED },
    )
    return undefined
  }
}

const NOT_CHECKED =
  'This document is put together when the script runs, so it cannot be checked. Declare variables, and insert fragments with gql.'

/** Finds fragments that a document spreads but does not include by a known name, among the fragments of all files. */
function withSharedFragments(documents: readonly FoundDocument[]): FoundDocument[] {
  const shared = new Map<string, DefinitionNode>()
  for (const { own } of documents) {
    for (const definition of own?.definitions ?? []) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) shared.set(definition.name.value, definition)
    }
  }
  return documents.map((found) => {
    if (found.isWhole || !found.own) return found
    const fragments = new Set(found.fragments)
    const known = new Set([...found.own.definitions, ...fragments].map(fragmentName))
    const include = (definition: DefinitionNode): void => {
      visit(definition, {
        FragmentSpread({ name }) {
          const fragment = shared.get(name.value)
          if (!fragment || known.has(name.value)) return
          known.add(name.value)
          fragments.add(fragment)
          include(fragment)
        },
      })
    }
    for (const definition of [...found.own.definitions, ...found.fragments]) include(definition)
    return { ...found, fragments: [...fragments], isWhole: isFile(found.path) }
  })
}

function fragmentName(definition: DefinitionNode): string | undefined {
  return definition.kind === Kind.FRAGMENT_DEFINITION ? definition.name.value : undefined
}
