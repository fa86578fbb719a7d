/** Renames parts of a document. Nothing is changed in place, because documents are shared. */
import type { ASTNode, NameNode, SelectionNode, SelectionSetNode } from 'graphql'
import { BREAK, Kind, visit } from '../document/language.ts'
import { type Fragments, responseName } from '../document/selection.ts'

/** Replaces fragment spreads by their fields, so that root fields can get aliases. Undefined if a fragment is missing or contains itself. */
export function inlined(
  set: SelectionSetNode,
  fragments: Fragments,
  path: readonly string[],
): SelectionSetNode | undefined {
  const selections: SelectionNode[] = []
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      selections.push(selection)
      continue
    }
    const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : undefined
    const fragment = name === undefined ? undefined : fragments.get(name)
    if (name !== undefined && (!fragment || path.includes(name))) return undefined
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragment!.selectionSet
    const selectionSet = inlined(inner, fragments, name === undefined ? path : [...path, name])
    if (!selectionSet) return undefined
    const typeCondition = selection.kind === Kind.INLINE_FRAGMENT ? selection.typeCondition : fragment!.typeCondition
    selections.push({
      kind: Kind.INLINE_FRAGMENT,
      ...(typeCondition ? { typeCondition } : {}),
      directives: selection.directives ?? [],
      selectionSet,
    })
  }
  return { kind: Kind.SELECTION_SET, selections }
}

/** Gives every root field an alias that begins with `prefix`. */
export function aliased(set: SelectionSetNode, prefix: string): SelectionSetNode {
  const selections = set.selections.map((selection) => {
    if (selection.kind === Kind.FIELD) return { ...selection, alias: nameNode(`${prefix}${responseName(selection)}`) }
    return selection.kind === Kind.INLINE_FRAGMENT
      ? { ...selection, selectionSet: aliased(selection.selectionSet, prefix) }
      : selection
  })
  return { kind: Kind.SELECTION_SET, selections }
}

/** Prefixes the names of variables, and of spreads of the fragments in `own`. */
export function renamed<Node extends ASTNode>(node: Node, prefix: string, own: ReadonlySet<string>): Node {
  const withPrefix = <Named extends { readonly name: NameNode }>(named: Named): Named => ({
    ...named,
    name: nameNode(`${prefix}${named.name.value}`),
  })
  return visit(node, {
    Variable: withPrefix,
    FragmentSpread: (spread) => (own.has(spread.name.value) ? withPrefix(spread) : undefined),
  })
}

/** Returns the names of all fragments that `node` spreads, directly or through other fragments. */
export function spreadsIn(node: ASTNode, fragments: Fragments, found = new Set<string>()): Set<string> {
  visit(node, {
    FragmentSpread({ name }) {
      if (found.has(name.value)) return
      found.add(name.value)
      const fragment = fragments.get(name.value)
      if (fragment) spreadsIn(fragment, fragments, found)
    },
  })
  return found
}

/** Looks in the node itself, not in the fragments that it spreads. */
export function usesVariables(node: ASTNode): boolean {
  let found = false
  visit(node, {
    Variable() {
      found = true
      return BREAK
    },
  })
  return found
}

export function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value }
}
