/** Masks secrets in text. The process has one redactor, which knows the secrets of the settings and every token. */
import { anchorOf, escapedPattern, formsOf, tokenStart } from './secret_forms.ts'
import { createWordFinder } from './word_finder.ts'

/** The text in place of a secret. */
export const MASK = '[redacted]'

export interface Redactor {
  /** Masks `value` from now on, in every form in which it is likely to be printed. */
  add(value: string): void
  /** Calls back with each value that is added from now on. */
  onAdd(listener: (value: string) => void): void
  text(text: string): string
  /** The index from which the end of the last line may be the start of a secret; else the length of `text`. */
  unfinished(text: string): number
}

export function createRedactor(): Redactor {
  const forms = new Set<string>()
  const starts = new Set<string>()
  const listeners: ((value: string) => void)[] = []
  let search: Search | undefined
  return {
    add(value) {
      for (const form of formsOf(value)) forms.add(form)
      const start = tokenStart(value)
      if (start) starts.add(start)
      search = undefined
      for (const listener of listeners) listener(value)
    },
    onAdd: (listener) => void listeners.push(listener),
    text(text) {
      if (forms.size === 0) return text
      search ??= createSearch(forms, starts)
      return search.isLikely(text) ? text.replace(search.pattern(), MASK) : text
    },
    unfinished(text) {
      const line = text.lastIndexOf('\n') + 1
      if (line === text.length) return line
      return Math.min(...[...forms].map((form) => unfinishedAt(text, form, line)), text.length)
    },
  }
}

/** Masks a secret of the settings. In a URL, also masks the password alone. A user name may be an ordinary word, so it stays. */
export function addSecret(redactor: Redactor, value: string): void {
  redactor.add(value)
  if (!/^\w+:\/\/[^@]*:.*@|[?&]password=/.test(value)) return
  const [, inQuery = ''] = /[?&]password=([^&#]*)/.exec(value) ?? []
  for (const each of [...credentialsIn(value), inQuery, percentDecoded(inQuery)]) redactor.add(each)
}

/** The user name and password of a URL, and the password alone, both as written and decoded. */
export function credentialsIn(url: string): string[] {
  const [, credentials = ''] = /^(?:[^/]*:\/\/)?(.*)@/.exec(url) ?? []
  const written = [credentials, credentials.replace(/^[^:]*:/, '')]
  return [...written, ...written.map(percentDecoded)]
}

/** A value that a template, JSON and `inspect` show as a mask. */
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

interface Search {
  /** A fast test that is true for every text with a secret. Most texts have none. */
  isLikely(text: string): boolean
  pattern(): RegExp
}

function createSearch(forms: ReadonlySet<string>, starts: ReadonlySet<string>): Search {
  let pattern: RegExp | undefined
  return {
    isLikely: createWordFinder([...forms, ...starts].map(anchorOf)),
    pattern() {
      pattern ??= new RegExp([...longestFirst(forms).map(escapedPattern), ...[...starts].map(cutOff)].join('|'), 'g')
      return pattern
    },
  }
}

function longestFirst(forms: Iterable<string>): string[] {
  return [...forms].sort((a, b) => b.length - a.length)
}

/** Source of a pattern for a token that was cut off somewhere after its start. A full stop after it is not part of it. */
function cutOff(start: string): string {
  return String.raw`${escapedPattern(start)}(?:[\w~+/-]|\.(?=[\w~+/-]))*=*`
}

/** The index, from `line` on, at which `text` ends with the start of `form`. */
function unfinishedAt(text: string, form: string, line: number): number {
  const first = form[0]!
  const next = (from: number): number => text.indexOf(first, from)
  for (let at = next(Math.max(line, text.length - form.length + 1)); at >= 0; at = next(at + 1)) {
    if (form.startsWith(text.slice(at))) return at
  }
  return text.length
}
