/** `Deno.inspect` by `node:util`. */
import { type InspectOptions, inspect } from 'node:util'

/** Those of Deno that have a likeness here. */
export interface DenoInspectOptions {
  /** Default 4. */
  depth?: number
  colors?: boolean
  compact?: boolean
  breakLength?: number
  getters?: boolean
  /** How many entries of an iterable are shown; default 100. */
  iterableLimit?: number
  showHidden?: boolean
  showProxy?: boolean
  sorted?: boolean
  /** How many characters of a text are shown; default 10000. */
  strAbbreviateSize?: number
}

/** The text that Deno shows for a value. A value's own `Symbol.for('Deno.customInspect')` is not asked. */
export function denoInspect(value: unknown, options: DenoInspectOptions = {}): string {
  const { colors = false, depth = 4, iterableLimit = 100, strAbbreviateSize = 10_000, compact, ...alike } = options
  // Not among the types, but how Node's own inspect hands it on to itself.
  const stylize = (text: string, style: keyof typeof inspect.styles) =>
    coloured(style === 'string' ? requoted(text) : text, colors && colourOf(style))
  const settings = { ...alike, depth, maxArrayLength: iterableLimit, maxStringLength: strAbbreviateSize, stylize }
  return inspect(value, { ...settings, ...(compact === false ? { compact } : {}) } as InspectOptions)
}

// --- internal ---

/** Node takes the first of ' " and ` that the text does not have, Deno the first of " ' and `. */
function requoted(text: string): string {
  const inner = text.slice(1, -1)
  if (!text.startsWith("'")) return text
  if (!inner.includes('"')) return `"${inner}"`
  return inner.includes("\\'") ? `"${inner.replaceAll("\\'", "'").replaceAll('"', '\\"')}"` : text
}

/** Newer Node and Bun give a regular expression many colours. */
function colourOf(style: keyof typeof inspect.styles): string | undefined {
  return style === 'regexp' ? 'red' : inspect.styles[style]
}

function coloured(text: string, name: string | undefined | false): string {
  const [start, end] = (name && inspect.colors[name]) || []
  return start === undefined ? text : `\u001b[${start}m${text}\u001b[${end}m`
}
