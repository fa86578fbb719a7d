/** Makes text from elsewhere safe for a terminal and a log. */

/** Shows every control character as an escape (`\n`, `\x1b`). For text on one line, such as a cell. */
export function visible(text: string): string {
  return escaped(text, CONTROL)
}

/** Like `visible`, but keeps line ends and tabs. For text of several lines. */
export function visibleLines(text: string): string {
  return escaped(text, CONTROL_IN_LINES)
}

/** Returns a path in quotes, as a person types it: the backslashes of Windows are not doubled. */
export function quotedPath(path: string): string {
  return `"${visible(path).replaceAll('"', '\\"')}"`
}

// --- internal ---

/** C0 and C1 controls, direction overrides, line and paragraph separators, lone surrogates. */
const CONTROLS = String.raw`\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff`
const SURROGATE = String.raw`[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]`
const CONTROL = new RegExp(`[${CONTROLS}]|${SURROGATE}`, 'g')
const CONTROL_IN_LINES = new RegExp(String.raw`(?!\t|\r?\n)[${CONTROLS}]|${SURROGATE}`, 'g')

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escaped(text: string, pattern: RegExp): string {
  pattern.lastIndex = 0
  return pattern.test(text) ? text.replace(pattern, escapeOf) : text
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0)
  const hex = code.toString(16)
  return SHORT[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`)
}
