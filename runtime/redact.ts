/** Masks secrets in text. One redactor serves the process: the settings' secrets and every token are added to it. */

/** Stands where a secret stood. */
export const MASK = '[redacted]'
/** Shorter values would mask ordinary words. */
const MIN_LENGTH = 6

export interface Redactor {
  /** From now on `value`, in every form it is likely to be printed in, is masked. */
  add(value: string): void
  text(text: string): string
}

export function createRedactor(): Redactor {
  const forms = new Set<string>()
  let pattern: RegExp | undefined
  return {
    add(value) {
      for (const form of formsOf(value)) forms.add(form)
      pattern = undefined
    },
    text(text) {
      if (forms.size === 0) return text
      pattern ??= new RegExp(
        [...forms]
          .sort((a, b) => b.length - a.length)
          .map(escapeRegExp)
          .join('|'),
        'g',
      )
      return text.replace(pattern, MASK)
    },
  }
}

/** Masks a secret of the settings; of a URL also the password in it alone. A user name is none: it may be an ordinary word. */
export function addSecret(redactor: Redactor, value: string): void {
  redactor.add(value)
  if (!/^\w+:\/\/[^@]*:.*@|[?&]password=/.test(value)) return
  const [, inQuery = ''] = /[?&]password=([^&#]*)/.exec(value) ?? []
  for (const each of [...credentialsIn(value), inQuery, percentDecoded(inQuery)]) redactor.add(each)
}

/** What may stand before the @ of a URL, whole and without the user name, as written and decoded. */
export function credentialsIn(url: string): string[] {
  const [, credentials = ''] = /^(?:[^/]*:\/\/)?(.*)@/.exec(url) ?? []
  const written = [credentials, credentials.replace(/^[^:]*:/, '')]
  return [...written, ...written.map(percentDecoded)]
}

/** A value that does not show itself: not in a template, in JSON, nor in `inspect`. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return MASK
  }
  toJSON(): string {
    return MASK
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK
  }
  [Symbol.for('Deno.customInspect')](): string {
    return MASK
  }
}

// --- internal ---

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function formsOf(value: string): string[] {
  const trimmed = value.trim()
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim())
  const pieces = [trimmed, ...lines, ...jwtPieces(trimmed)].filter((piece) => piece.length >= MIN_LENGTH)
  return pieces.flatMap((piece) => [piece, ...encodingsOf(piece)]).filter((form) => form.length >= MIN_LENGTH)
}

function encodingsOf(value: string): string[] {
  const percent = percentForms(value)
  return [
    ...percent,
    ...percent.map((form) => form.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())),
    JSON.stringify(value).slice(1, -1),
    JSON.stringify(JSON.stringify(value)).slice(3, -3),
    hex(value),
    // HTTP Basic encodes the secret before it joins it with the client id.
    ...[value, ...percent].flatMap((form) => [0, 1, 2].flatMap((shift) => base64At(form, shift))),
  ]
}

/** What is left of a token when a reader cut it at its dots: the signature proves it, the payload describes it. */
function jwtPieces(value: string): string[] {
  const parts = value.split('.')
  return parts.length === 3 && parts.every((part) => /^[\w-]{8,}$/.test(part)) ? [parts[1]!, parts[2]!] : []
}

/** In a URL, in a form, and with everything encoded that may be: libraries differ in what they leave alone. */
function percentForms(value: string): string[] {
  const form = new URLSearchParams([['', value]]).toString().slice(1)
  const all = form.replace(/[-_.*]/g, (character) => `%${hex(character).toUpperCase()}`)
  try {
    const uri = encodeURIComponent(value)
    return [uri, uri.replaceAll('%20', '+'), form, all, all.replaceAll('+', '%20')]
  } catch {
    return [form, all] // a lone surrogate has no percent-encoding in a URL
  }
}

function hex(value: string): string {
  return Buffer.from(value).toString('hex')
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

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
