/**
 * Returns the specifiers in what looks like an import or a re-export, `import('…')` included. It may return more than there
 * are: those in comments and texts too. It does not need the parser, which takes time to start.
 */
export function importNames(source: string): string[] {
  return [...source.matchAll(/\b(?:from|import)\s*(?:\(\s*)?(['"])([^'"\n]+)\1/g)].map(([, , specifier]) => specifier!)
}
