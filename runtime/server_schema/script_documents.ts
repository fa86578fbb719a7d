/** The GraphQL documents that a script contains, the names it gives them, and its imports and exports. */
import type { BinaryExpression, Literal, TemplateLiteral } from 'acorn'
import { type AnyNode, type Program, parseSource, walk } from '../script/source.ts'

/** A part of a string or of a template, without quotes and without `${…}`; `end` is behind the last character. */
export interface Part {
  readonly start: number
  readonly end: number
  /** With its escape sequences decoded. */
  readonly cooked: string
}

/** A string or template in the script, and what is put into it. */
export interface WrittenText {
  /** `gql`: only documents are put in; `wfg`: values as well; `text`: anything, as a part of the text. */
  readonly by: 'gql' | 'wfg' | 'text'
  readonly parts: readonly Part[]
  /** What is put in: one for each `${…}`, then one for all that `+` adds. */
  readonly holes: readonly Reference[]
  /** Documents that `gql('…', Fragment)` adds. */
  readonly added: readonly Reference[]
}

/** An expression that is a name, such as `Names` or `fragments.Names`; undefined for any other. */
export type Reference = readonly string[] | undefined

export interface ScriptDocuments {
  /** Arguments of `gql` and of clients, and templates that they tag. */
  readonly texts: ReadonlySet<WrittenText>
  /**
   * By the name of a constant, or by `.key` for a member of an object. There are several if functions have constants of one
   * name, or for a choice, as in `const Name = isAll ? '…' : other()`; an undefined one is not a text.
   */
  readonly names: ReadonlyMap<string, readonly (WrittenText | undefined)[]>
  /** Local name to imported name; `*` for a whole module. */
  readonly imports: ReadonlyMap<string, { readonly from: string; readonly name: string }>
  /** Exported name to local name, or to a name in another module. */
  readonly exports: ReadonlyMap<string, { readonly from: string | undefined; readonly name: string }>
  /** Names passed to a client, such as `Names` or `documents.Names`. */
  readonly given: readonly (readonly string[])[]
}

/** @throws {ScriptSyntaxError} */
export function scriptDocuments(source: string): ScriptDocuments {
  const program = parseSource(source)
  const clients = new Set(['wfg'])
  const tags = new Set(['gql'])
  walk(program, (node) => {
    const client = clientNamedBy(node)
    if (client !== undefined) clients.add(client)
    if (node.type === 'ImportSpecifier' && nameOf(node.imported) === 'gql') tags.add(node.local.name)
  })
  const texts = new Set<WrittenText>()
  const names = new Map<string, (WrittenText | undefined)[]>()
  const given: (readonly string[])[] = []
  /** Each text once, even if it has a name and is passed to a client. */
  const known = new Map<AnyNode, WrittenText | undefined>()
  const textOf = (node: AnyNode): WrittenText | undefined => {
    if (!known.has(node)) known.set(node, isGql(node) ? gqlText(node) : plainText(node))
    return known.get(node)
  }
  const isGql = (node: AnyNode): boolean =>
    (node.type === 'TaggedTemplateExpression' && tags.has(nameOf(node.tag) ?? '')) ||
    (node.type === 'CallExpression' && tags.has(nameOf(node.callee) ?? ''))
  const isClient = (node: AnyNode): boolean => {
    if (node.type !== 'CallExpression') return clients.has(nameOf(node) ?? '')
    const { callee } = node
    return nameOf(callee) === 'createWfg' || (methodOf(callee) === 'extend' && isClient(objectOf(callee)))
  }
  const read = (node: AnyNode): void => {
    const text = textOf(node)
    if (text) texts.add(text)
  }
  const readCall = (node: AnyNode): void => {
    if (isGql(node)) read(node)
    else if (node.type === 'TaggedTemplateExpression' && isClient(node.tag)) {
      texts.add({ ...templateText(node.quasi), by: 'wfg' })
    } else if (node.type === 'CallExpression' && node.arguments[0]) {
      const { callee } = node
      const isMethod = METHODS.includes(methodOf(callee) ?? '') && isClient(objectOf(callee))
      if (!isMethod && !isClient(callee)) return
      for (const each of choicesOf(node.arguments[0])) {
        const reference = referenceOf(each)
        if (reference && reference.length <= 2) given.push(reference)
        else read(each)
      }
    }
  }
  const readName = (node: AnyNode): void => {
    const [name, value] = node.type === 'Property' ? [`.${nameOf(node.key)}`, node.value] : assignmentOf(node)
    if (name === undefined || !value) return
    const found = choicesOf(value).map(textOf)
    if (found.some(Boolean)) names.set(name, [...(names.get(name) ?? []), ...found])
  }
  walk(program, (node) => {
    readCall(node)
    readName(node)
  })
  return { texts, names, given, ...linksOf(program) }
}

// --- internal ---

const METHODS = ['execute', 'paginate', 'bulk']

/** The name that the node gives to a client: by an import, by destructuring, by the type `Wfg`, or by assigning one. */
function clientNamedBy(node: AnyNode): string | undefined {
  if (node.type === 'ImportSpecifier') return nameOf(node.imported) === 'wfg' ? node.local.name : undefined
  if (node.type === 'Property' && nameOf(node.key) === 'wfg') {
    return nameOf(node.value.type === 'AssignmentPattern' ? node.value.left : node.value)
  }
  if (typeOf(node) === 'Wfg') return nameOf('key' in node ? node.key : node)
  const [name, value] = assignmentOf(node)
  const callee = value?.type === 'CallExpression' ? nameOf(value.callee) : undefined
  return nameOf(value) === 'wfg' || callee === 'createWfg' || callee === 'extend' ? name : undefined
}

/** The name of the type that the node is annotated with. acorn's own types do not know of it. */
function typeOf(node: AnyNode): string | undefined {
  const { typeAnnotation } = node as { typeAnnotation?: { typeAnnotation?: { typeName?: AnyNode } } }
  return nameOf(typeAnnotation?.typeAnnotation?.typeName)
}

/** What is assigned to which name: `const a = …`, `a = …`, and the default of a parameter. */
function assignmentOf(node: AnyNode): [name?: string | undefined, value?: AnyNode | null | undefined] {
  if (node.type === 'VariableDeclarator') return [nameOf(node.id), node.init]
  if (node.type === 'PropertyDefinition') return [nameOf(node.key), node.value]
  return node.type === 'AssignmentExpression' || node.type === 'AssignmentPattern'
    ? [nameOf(node.left), node.right]
    : []
}

/** The values that the expression may have: `isAll ? a : b` and `a ?? b` have two. */
function choicesOf(node: AnyNode): AnyNode[] {
  if (node.type === 'ConditionalExpression') return [node.consequent, node.alternate].flatMap(choicesOf)
  return node.type === 'LogicalExpression' ? [node.left, node.right].flatMap(choicesOf) : [node]
}

/** `` gql`…` `` and `gql('…', Fragment)`. */
function gqlText(node: AnyNode): WrittenText | undefined {
  if (node.type === 'TaggedTemplateExpression') return { ...templateText(node.quasi), by: 'gql' }
  if (node.type !== 'CallExpression' || !node.arguments[0]) return undefined
  const text = plainText(node.arguments[0])
  return text && { ...text, added: node.arguments.slice(1).map(referenceOf) }
}

function plainText(node: AnyNode): WrittenText | undefined {
  if (node.type === 'TemplateLiteral') return templateText(node)
  if (node.type === 'Literal' && typeof node.value === 'string') return stringText(node)
  return node.type === 'BinaryExpression' && node.operator === '+' ? joinedText(node) : undefined
}

function templateText({ quasis, expressions }: TemplateLiteral): WrittenText {
  const parts = quasis.map(({ start, end, value }) => ({ start, end, cooked: value.cooked ?? value.raw }))
  return { by: 'text', parts, holes: expressions.map(referenceOf), added: [] }
}

function stringText({ start, end, value }: Literal): WrittenText {
  const part = { start: start + 1, end: end - 1, cooked: String(value) }
  return { by: 'text', parts: [part], holes: [], added: [] }
}

/** Only the run knows how the text goes on after its first `+`. */
function joinedText({ left }: BinaryExpression): WrittenText | undefined {
  const first = plainText(left)
  const isOpen = first && first.holes.length === first.parts.length
  return first && (isOpen ? first : { ...first, holes: [...first.holes, undefined] })
}

/** `import { a as b } from '…'`, `import * as a from '…'`, `export { a as b } [from '…']`, `export const a`. */
function linksOf({ body }: Program): Pick<ScriptDocuments, 'imports' | 'exports'> {
  const imports = new Map<string, { from: string; name: string }>()
  const exports = new Map<string, { from: string | undefined; name: string }>()
  for (const node of body) {
    if (node.type === 'ImportDeclaration') {
      const from = String(node.source.value)
      for (const each of node.specifiers) {
        if (each.type === 'ImportSpecifier') imports.set(each.local.name, { from, name: nameOf(each.imported)! })
        if (each.type === 'ImportNamespaceSpecifier') imports.set(each.local.name, { from, name: '*' })
      }
    } else if (node.type === 'ExportNamedDeclaration') {
      const from = node.source ? String(node.source.value) : undefined
      for (const { exported, local } of node.specifiers) exports.set(nameOf(exported)!, { from, name: nameOf(local)! })
      for (const { id } of node.declaration?.type === 'VariableDeclaration' ? node.declaration.declarations : []) {
        const name = nameOf(id)
        if (name !== undefined) exports.set(name, { from: undefined, name })
      }
    }
  }
  return { imports, exports }
}

/** The name itself, a name in quotes, or the last one of `a.b`. */
function nameOf(node: AnyNode | null | undefined): string | undefined {
  if (node?.type === 'Identifier') return node.name
  if (node?.type === 'Literal') return String(node.value)
  return node ? methodOf(node) : undefined
}

function methodOf(node: AnyNode): string | undefined {
  return node.type === 'MemberExpression' && !node.computed ? nameOf(node.property) : undefined
}

function objectOf(node: AnyNode): AnyNode {
  return node.type === 'MemberExpression' ? node.object : node
}

function referenceOf(node: AnyNode): Reference {
  if (node.type === 'Identifier') return [node.name]
  const name = methodOf(node)
  const object = name === undefined ? undefined : referenceOf(objectOf(node))
  return object && [...object, name!]
}
