/** The forms of a secret in text: unchanged, escaped, encoded, or cut short. */

/** Shorter values would mask ordinary words. */
export const MIN_LENGTH = 6

/** The secret, its lines, and their encodings. Each may also be escaped: see `escapedPattern`. */
export function formsOf(value: string): string[] {
  const forms = piecesOf(value).flatMap((piece) => [piece, ...encodingsOf(piece)])
  return [...new Set(forms)].filter(isLong)
}

/** Source of a pattern that also finds the text when a URL, JSON or HTML has escaped some of its characters. */
export function escapedPattern(text: string): string {
  return Array.from(text, characterPattern).join('')
}

/** The start of a token, which is still recognised if the rest was cut off. Undefined if the value is no token. */
export function tokenStart(value: string): string | undefined {
  const token = value.trim()
  const isToken = token.length >= MIN_TOKEN_LENGTH && /^[\w.~+/-]+=*$/.test(token)
  return isToken ? token.slice(0, START_LENGTH) : undefined
}

/** The longest part that no encoder escapes. A text without it does not have the form. */
export function anchorOf(form: string): string {
  return (form.match(/[A-Za-z0-9]+/g) ?? []).reduce((longest, run) => (run.length > longest.length ? run : longest), '')
}

// --- internal ---

const START_LENGTH = 16
/** The start of a shorter secret may be an ordinary word. */
const MIN_TOKEN_LENGTH = 24

function isLong(text: string): boolean {
  return text.length >= MIN_LENGTH
}

function piecesOf(value: string): string[] {
  const trimmed = value.trim()
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim())
  return [trimmed, ...lines, ...jwtPieces(trimmed)].filter(isLong)
}

/** The parts of a token that are secret on their own: the signature proves it, the payload describes it. */
function jwtPieces(value: string): string[] {
  const parts = value.split('.')
  return parts.length === 3 && parts.every((part) => /^[\w-]{8,}$/.test(part)) ? [parts[1]!, parts[2]!] : []
}

function encodingsOf(value: string): string[] {
  const hex = hexOf(value)
  // HTTP Basic encodes the secret before it joins it with the client id.
  const given = [value, ...percentForms(value)]
  return [hex, hex.toUpperCase(), ...given.flatMap((form) => [0, 1, 2].flatMap((shift) => base64At(form, shift)))]
}

/** As in a URL, as in a form, and with all special characters encoded: libraries differ in what they encode. */
function percentForms(value: string): string[] {
  const form = new URLSearchParams([['', value]]).toString().slice(1)
  const all = form.replace(/[-_.*]/g, (character) => percentOf(character).toUpperCase())
  try {
    const uri = encodeURIComponent(value)
    return [uri, uri.replaceAll('%20', '+'), form, all, all.replaceAll('+', '%20')]
  } catch {
    return [form, all] // a lone surrogate has no percent-encoding in a URL
  }
}

/** Base64 of `value` as it appears inside a longer encoded text where it starts `shift` bytes after a boundary. */
function base64At(value: string, shift: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)])
  const encoded = bytes.toString('base64').replace(/=+$/, '')
  const start = shift === 0 ? 0 : shift + 1
  const end = bytes.length % 3 === 0 ? encoded.length : encoded.length - 1
  const inner = encoded.slice(start, end)
  return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
}

/**
 * Source of a pattern for the character in every encoding, encoded once or twice. JSON inside JSON puts three backslashes
 * before a quote and writes one backslash as four. `%` becomes `%25`, and `&` becomes `&amp;`.
 */
function characterPattern(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  const escaped = units.map((unit) => String.raw`\\{1,3}u${anyCase(unit.toString(16).padStart(4, '0'))}`)
  const code = character.codePointAt(0)!
  const entities = [`#0*${code}`, `#[xX]0*${anyCase(code.toString(16))}`, ...(ENTITIES[character] ?? [])]
  const ways = [
    character === '\\' ? String.raw`\\{1,4}` : String.raw`\\{0,3}${character.replace(/[$()*+.?[\]^{|}]/, '\\$&')}`,
    anyCase(percentOf(character)).replaceAll('%', '%(?:25)*'),
    escaped.join(''),
    ...entities.map((entity) => `&(?:amp;)*${entity};`),
  ]
  const letter = JSON_LETTERS[character]
  if (letter) ways.push(String.raw`\\{1,3}${letter}`)
  if (character === ' ') ways.push('\\+')
  return `(?:${ways.join('|')})`
}

const JSON_LETTERS: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't' }

/** Names that HTML encoders write. */
const ENTITIES: Readonly<Record<string, readonly string[]>> = {
  ...{ '&': ['amp'], '<': ['lt'], '>': ['gt'], '"': ['quot'], "'": ['apos'], '/': ['sol'], '\\': ['bsol'] },
  ...{ '+': ['plus'], '=': ['equals'], '!': ['excl'], '#': ['num'], $: ['dollar'], '%': ['percnt'], '(': ['lpar'] },
  ...{ ')': ['rpar'], '*': ['ast', 'midast'], ',': ['comma'], '.': ['period'], ':': ['colon'], ';': ['semi'] },
  ...{ '?': ['quest'], '@': ['commat'], '[': ['lsqb', 'lbrack'], ']': ['rsqb', 'rbrack'], '^': ['Hat'] },
  ...{ _: ['lowbar'], '`': ['grave'], '{': ['lcub', 'lbrace'], '|': ['vert', 'verbar'], '}': ['rcub', 'rbrace'] },
}

function percentOf(character: string): string {
  return hexOf(character).replace(/../g, '%$&')
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex')
}

/** Encoders write hexadecimal digits in either case. */
function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}
