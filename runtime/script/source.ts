/** A script's source as a syntax tree. Only what needs more than a script's header loads this file, and the parser with it. */
import { tsPlugin } from '@sveltejs/acorn-typescript'
import { type AnyNode, type Node, Parser, type Pattern, type Program } from 'acorn'

export type { AnyNode, Program }

/** The source has a syntax error. */
export class ScriptSyntaxError extends Error {
  /** Index of the character in the source. */
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/**
 * Parses TypeScript or JavaScript. The tree has expressions without their types: `a as B`, `a satisfies B`, `<B>a` and
 * `a!` are `a`. Errors that only concern the meaning, such as two constants of one name, are left to the runtime.
 *
 * @throws {ScriptSyntaxError}
 */
export function parseSource(source: string): Program {
  try {
    return withoutTypes(TypeScriptParser.parse(source, OPTIONS)) as Program
  } catch (error) {
    // A RangeError for brackets nested too deep has no position.
    const { message, pos = 0 } = error as SyntaxError & { pos?: number }
    throw new ScriptSyntaxError(message.replace(/ \(\d+:\d+\)$/, ''), pos)
  }
}

/** Calls `visit` with every node and with the node that holds it, from the outside in. */
export function walk(root: AnyNode, visit: (node: AnyNode, parent: AnyNode | undefined) => void): void {
  const visitAll = (node: AnyNode, parent: AnyNode | undefined): void => {
    visit(node, parent)
    for (const child of childrenOf(node)) visitAll(child, node)
  }
  visitAll(root, undefined)
}

/** Specifiers of all modules that the source imports or re-exports, `import('…')` included. */
export function importedModules(source: string): string[] {
  const found: string[] = []
  try {
    walk(parseSource(source), (node) => {
      if ('source' in node && node.source?.type === 'Literal') found.push(String(node.source.value))
    })
    return found
  } catch {
    return [...source.matchAll(/\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g)].map(([, , specifier]) => specifier!)
  }
}

/**
 * True if the source reads a member of the global, as in `Deno.args`, `globalThis.Deno?.args` or `const { args } = Deno`.
 * Only asking whether there is one (`typeof Deno`) is no use.
 */
export function usesGlobal(source: string, name: string): boolean {
  try {
    return uses(parseSource(source), name)
  } catch {
    return new RegExp(`\\b${name}\\s*(?:\\?\\.|\\.|\\[)`).test(source)
  }
}

// --- internal ---

const TypeScriptParser = Parser.extend(
  tsPlugin(),
  (Base) =>
    class extends Base {
      raiseRecoverable(): void {}
    },
)

const OPTIONS = {
  ecmaVersion: 'latest',
  sourceType: 'module',
  allowReturnOutsideFunction: true,
  checkPrivateFields: false,
  locations: true, // the TypeScript plugin needs them
} as const

const TYPED = /^TS(?:As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$/

function isNode(value: unknown): value is AnyNode {
  return typeof (value as Node | null | undefined)?.type === 'string'
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isNode)
}

function withoutTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTypes)
  if (!isNode(value)) return value
  if (TYPED.test(value.type)) return withoutTypes((value as unknown as { expression: Node }).expression)
  const node = value as unknown as Record<string, unknown>
  for (const [key, member] of Object.entries(value)) node[key] = withoutTypes(member)
  return node
}

function uses(node: AnyNode, name: string, isOuterShadowed = false): boolean {
  const isShadowed = isOuterShadowed || bindingsOf(node).some((binding) => binds(binding, name))
  const isGlobal = (value: AnyNode | null | undefined): boolean => {
    if (value?.type !== 'MemberExpression') return !isShadowed && isName(value, name)
    return isName(value.object, 'globalThis') && isName(value.property, name)
  }
  const isRead =
    (node.type === 'MemberExpression' && isGlobal(node.object)) ||
    (node.type === 'VariableDeclarator' && node.id.type === 'ObjectPattern' && isGlobal(node.init)) ||
    (node.type === 'AssignmentExpression' && node.left.type === 'ObjectPattern' && isGlobal(node.right)) ||
    // It is read by its new name.
    (node.type === 'VariableDeclarator' && node.init?.type === 'MemberExpression' && isGlobal(node.init))
  return isRead || childrenOf(node).some((child) => uses(child, name, isShadowed))
}

function isName(node: AnyNode | null | undefined, name: string): boolean {
  return node?.type === 'Identifier' && node.name === name
}

/** What a block or function declares itself, as patterns. */
function bindingsOf(node: AnyNode): (Pattern | null | undefined)[] {
  switch (node.type) {
    case 'Program':
    case 'BlockStatement':
      return node.body.flatMap((statement) =>
        statement.type === 'ExportNamedDeclaration' ? declared(statement.declaration) : declared(statement),
      )
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return node.params
    case 'ForStatement':
      return declared(node.init)
    case 'ForInStatement':
    case 'ForOfStatement':
      return declared(node.left)
    case 'CatchClause':
      return [node.param]
    default:
      return []
  }
}

function declared(node: AnyNode | null | undefined): (Pattern | null | undefined)[] {
  // `declare const Deno: …` only tells the compiler what is there.
  if (!node || 'declare' in node) return []
  if (node.type === 'VariableDeclaration') return node.declarations.map(({ id }) => id)
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') return [node.id]
  return node.type === 'ImportDeclaration' ? node.specifiers.map(({ local }) => local) : []
}

function binds(pattern: Pattern | null | undefined, name: string): boolean {
  switch (pattern?.type) {
    case 'Identifier':
      return pattern.name === name
    case 'ObjectPattern':
      return pattern.properties.some((each) => binds(each.type === 'Property' ? each.value : each, name))
    case 'ArrayPattern':
      return pattern.elements.some((each) => binds(each, name))
    case 'AssignmentPattern':
      return binds(pattern.left, name)
    case 'RestElement':
      return binds(pattern.argument, name)
    default:
      return false
  }
}
