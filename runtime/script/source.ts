/** Reads a script's source as a syntax tree. Load this file only if it is needed: the parser takes time to start. */
import { tsPlugin } from '@sveltejs/acorn-typescript'
import { type AnyNode, type Node, Parser, type Program } from 'acorn'
import { importNames } from './import_names.ts'

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

/** Calls `visit` with every node, from the outside in. */
export function walk(node: AnyNode, visit: (node: AnyNode) => void): void {
  visit(node)
  for (const child of Object.values(node).flat()) if (isNode(child)) walk(child, visit)
}

/** Returns the specifiers of all imports and re-exports, `import('…')` included. */
export function importedModules(source: string): string[] {
  const found: string[] = []
  try {
    walk(parseSource(source), (node) => {
      if ('source' in node && node.source?.type === 'Literal') found.push(String(node.source.value))
    })
    return found
  } catch {
    return importNames(source)
  }
}

/**
 * True if the source reads members of the global object of that name, as in `Deno.args`, `globalThis.Deno?.args` or
 * `const { args } = Deno`. Only asking if it exists, as `typeof Deno` does, is not a use.
 */
export function usesGlobal(source: string, name: string): boolean {
  let program: Program
  try {
    program = parseSource(source)
  } catch {
    return new RegExp(`\\b${name}\\s*(?:\\?\\.|\\.|\\[)`).test(source)
  }
  const isShadowed = declares(program, name)
  const isGlobal = (node: AnyNode | null | undefined): boolean =>
    node?.type === 'MemberExpression'
      ? isName(node.object, 'globalThis') && isName(node.property, name)
      : !isShadowed && isName(node, name)
  let isUsed = false
  walk(program, (node) => {
    if (node.type === 'MemberExpression') isUsed ||= isGlobal(node.object)
    if (node.type === 'AssignmentExpression') isUsed ||= node.left.type === 'ObjectPattern' && isGlobal(node.right)
    // `const deno = globalThis.Deno` gives it another name.
    if (node.type === 'VariableDeclarator') {
      const isRead = node.id.type === 'ObjectPattern' || node.init?.type === 'MemberExpression'
      isUsed ||= isRead && isGlobal(node.init)
    }
  })
  return isUsed
}

// --- internal ---

const TypeScriptParser = Parser.extend(
  tsPlugin(),
  (Base) =>
    class extends Base {
      /** Called for errors of meaning. */
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

function withoutTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTypes)
  if (!isNode(value)) return value
  if (TYPED.test(value.type)) return withoutTypes((value as unknown as { expression: Node }).expression)
  const node = value as unknown as Record<string, unknown>
  for (const [key, member] of Object.entries(value)) node[key] = withoutTypes(member)
  return node
}

/** True if the file has a constant, function, class or import of that name at its top level. */
function declares({ body }: Program, name: string): boolean {
  return body.some((statement) => {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    // `declare const Deno: …` only tells the compiler what is there.
    if (!node || 'declare' in node) return false
    if (node.type === 'ImportDeclaration') return node.specifiers.some(({ local }) => isName(local, name))
    if (node.type !== 'VariableDeclaration') return 'id' in node && isName(node.id, name)
    return node.declarations.some(({ id }) =>
      id.type === 'ObjectPattern'
        ? id.properties.some((each) => each.type === 'Property' && isName(each.value, name))
        : isName(id, name),
    )
  })
}

function isName(node: AnyNode | null | undefined, name: string): boolean {
  return node?.type === 'Identifier' && node.name === name
}
