/** Messages hide the values of variables. The terminal of the person who typed a value on the command line shows it. */

/** The value that each mask stands for; undefined if it stands for several. */
const values = new Map<string, string | undefined>()

/** Remembers the value that a mask hides in a message. */
export function noteMask(mask: string, value: string): void {
  values.set(mask, values.has(mask) && values.get(mask) !== value ? undefined : value)
}

/** Puts values back that are words of the command line, or follow `=` in one. */
export function withTypedValues(text: string, commandLine: readonly string[]): string {
  if (values.size === 0 || !text.includes('[value of ')) return text
  const typed = new Set(commandLine.flatMap((word) => [word, word.slice(word.indexOf('=') + 1)]))
  let shown = text
  for (const [mask, value] of values) {
    // Stays hidden if it needs an escape in JSON, because the text may be JSON.
    if (value !== undefined && typed.has(value) && !/["\\]/.test(value)) shown = shown.replaceAll(mask, () => value)
  }
  return shown
}
