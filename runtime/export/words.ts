/** Texts and names for the exported files. */

/** Quotes one scalar for YAML, whose double quotes are those of JSON. */
export function yamlText(text: string): string {
  return JSON.stringify(text)
}

/**
 * Returns a unique name of letters, digits and hyphens for each name: `a:b` and `a-b` differ.
 *
 * @param maxLength of a name
 */
export function plainNames(names: readonly string[], maxLength: number): Map<string, string> {
  const made = new Map<string, string>()
  const taken = new Set<string>()
  for (const name of names) {
    const start = name
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, maxLength - 3)
    let unique = start.replace(/-$/, '')
    for (let number = 2; taken.has(unique); number++) unique = `${start}-${number}`
    taken.add(unique)
    made.set(name, unique)
  }
  return made
}
