/** Breaks text into lines of a given width. */

/** Breaks between words. A word longer than the width gets its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line ? `${line} ${word}` : word
  }
  return line || lines.length === 0 ? [...lines, line] : lines
}

/**
 * Renders terms with their explanations beside them (`  term  explanation`), or below them if there is no room. A term
 * longer than `maxTerm` gets its own line.
 */
export function renderTerms(
  terms: readonly (readonly [term: string, explanation: string])[],
  { columns, maxTerm = 30 }: { columns: number; maxTerm?: number },
): string[] {
  const fitting = terms.map(([term]) => term.length).filter((length) => length <= maxTerm)
  const column = Math.max(0, ...fitting) + 4
  if (columns - column < 24) return terms.flatMap(([term, text]) => [`  ${term}`, ...indent(text, 6, columns)])
  return terms.flatMap(([term, text]) => {
    const [first = '', ...more] = indent(text, column, columns)
    if (term.length + 4 > column) return [`  ${term}`, ...(text ? [first, ...more] : [])]
    return [`  ${term.padEnd(column - 2)}${first.trimStart()}`.trimEnd(), ...more]
  })
}

/** The text wrapped and indented; no line for an empty text. */
export function indent(text: string, by: number, columns: number): string[] {
  if (text === '') return []
  return wrap(text, Math.max(20, columns - by)).map((line) => ' '.repeat(by) + line)
}
