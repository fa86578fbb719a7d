/**
 * What the lines of a `.env` file set: as Node 26 reads them, on every runtime. The readers of Deno, of Bun and of older
 * Nodes differ from it where quotes meet backslashes, quotes of another kind, or the end of the file.
 */

export function envValues(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [, name, quote, quoted, unclosed, plain = ''] of text.replaceAll('\r', '').matchAll(SETTING)) {
    values[name!] = quote === '"' ? quoted!.replaceAll('\\n', '\n') : (quoted ?? (unclosed ?? plain).trim())
  }
  return values
}

// --- internal ---

/** A value in quotes may go over several lines; what comes after it on its line is passed over, as is a comment. */
const SETTING =
  /^[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)[^\S\n]*=[^\S\n]*(?:(["'`])([\s\S]*?)\2.*|(["'`].*)|([^#\n]*).*)$/gm
