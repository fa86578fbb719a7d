/** Finds every GraphQL document in files, with the fragments that it is sent with, without running a script. */
import { type DefinitionNode, type DocumentNode, GraphQLError, Kind, parse, Source, visit } from 'graphql'
import { DocumentText } from './document_text.ts'
import type { WrittenText } from './script_documents.ts'
import { createModules, readText, type ScriptModules, type Written } from './script_modules.ts'

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
  placeOf(index: number): number
}

export interface Problem {
  readonly path: string
  readonly place: number
  readonly rule: string
  readonly message: string
  readonly isWarning?: boolean
}

export interface FoundDocuments {
  readonly documents: readonly FoundDocument[]
  /** Files and documents that cannot be read. */
  readonly problems: readonly Problem[]
  /** Content by path. */
  readonly sources: ReadonlyMap<string, string>
}

/** Prefix of the variables and enum values that stand for a value that only the run knows. */
export const HOLE = '_hole_'

/** @param paths absolute, of scripts and of `.graphql` files */
export function findDocuments(paths: readonly string[]): FoundDocuments {
  const modules = createModules()
  const reader: Reader = { modules, read: new Map(), problems: [], sources: new Map() }
  const files = paths.filter(isFile).flatMap((path) => graphqlFile(path, reader))
  for (const path of paths) if (!isFile(path)) readScript(path, reader)
  // These include documents of files that are only imported.
  const documents = [...files, ...reader.read.values()]
  return { documents: withSharedFragments(documents), problems: reader.problems, sources: reader.sources }
}

// --- internal ---

interface Reader {
  readonly modules: ScriptModules
  readonly read: Map<WrittenText, FoundDocument>
  readonly problems: Problem[]
  readonly sources: Map<string, string>
}

/** True if the whole file is a document. */
function isFile(path: string): boolean {
  return /\.(graphql|gql)$/.test(path)
}

function graphqlFile(path: string, reader: Reader): FoundDocument[] {
  const { text: source, problem } = readText(path)
  reader.sources.set(path, source)
  if (problem) {
    reader.problems.push({ ...problem, path, place: problem.at })
    return []
  }
  const own = parsed(source, path, (index) => index, reader)
  const isExecutable = own?.definitions.some(
    ({ kind }) => kind === Kind.OPERATION_DEFINITION || kind === Kind.FRAGMENT_DEFINITION,
  )
  // It may be a schema definition.
  return own && !isExecutable ? [] : [{ path, own, fragments: [], isWhole: false, placeOf: (index) => index }]
}

function readScript(path: string, reader: Reader): void {
  const module = reader.modules.at(path)
  reader.sources.set(path, module.source)
  const { documents, problem } = module
  if (problem) reader.problems.push({ ...problem, path, place: problem.at })
  if (!documents) return
  const given = documents.given.flatMap((name) => reader.modules.findGiven(module, name))
  for (const written of [...documents.texts.map((text) => ({ module, text })), ...given]) document(written, reader)
}

function document({ module, text: written }: Written, reader: Reader): FoundDocument {
  const known = reader.read.get(written)
  if (known) return known
  const { path } = module
  const text = new DocumentText()
  const others: Written[] = []
  let isWhole = true
  written.parts.forEach((part, index) => {
    text.addPart(module.source, part)
    if (index >= written.holes.length) return
    const found = reader.modules.find(module, written.holes[index])
    const { depth, isString, isHead } = text.context
    const isDocument = written.by === 'gql' || (written.by === 'wfg' && depth === 0)
    if (isDocument || (found && found.text.by !== 'text')) {
      text.add('\n', part.end)
      if (found) others.push(found)
      else isWhole = false
    } else if (written.by === 'text' && found && found.text.holes.length === 0) {
      text.add(ownText(found), part.end)
    } else {
      if (written.by === 'text') isWhole = false
      // The default of a variable cannot be a variable, so it becomes an enum value.
      text.add(isString ? '_' : ` ${isHead ? '' : '$'}${HOLE}${index} `, part.end)
    }
  })
  for (const reference of written.added) {
    const found = reader.modules.find(module, reference)
    if (found) others.push(found)
    else isWhole = false
  }
  const placeOf = (index: number) => text.placeOf(index)
  reader.sources.set(path, module.source)
  // A text that is built by the run may not be a document yet.
  const isCertain = written.by !== 'text' || isWhole
  const own = parsed(text.text, path, placeOf, reader, isCertain)
  const found: { -readonly [Name in keyof FoundDocument]: FoundDocument[Name] } = {
    path,
    own,
    fragments: [],
    isWhole,
    placeOf,
  }
  // Set before the included documents are read, because two may include each other.
  reader.read.set(written, found)
  const inner = others.map((other) => document(other, reader))
  found.fragments = [...new Set(inner.flatMap(({ own, fragments }) => [...(own?.definitions ?? []), ...fragments]))]
  found.isWhole = isWhole && inner.every((each) => each.isWhole)
  return found
}

function ownText({ module, text }: Written): string {
  const own = new DocumentText()
  for (const part of text.parts) own.addPart(module.source, part)
  return own.text
}

function parsed(
  text: string,
  path: string,
  placeOf: (index: number) => number,
  { problems }: Reader,
  isCertain = true,
): DocumentNode | undefined {
  try {
    return parse(new Source(text, path))
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const place = placeOf(error.positions?.[0] ?? 0)
    problems.push(
      isCertain
        ? { path, place, rule: 'Syntax', message: error.message }
        : { path, place: placeOf(0), rule: 'NotChecked', message: NOT_CHECKED, isWarning: true },
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
