/** `Deno.inspect` by `node:util`. */
import { type InspectOptions, inspect } from 'node:util'

/** The options of Deno that Node can follow. */
export interface DenoInspectOptions {
  /** Default 4. */
  depth?: number
  colors?: boolean
  compact?: boolean
  breakLength?: number
  getters?: boolean
  /** Maximum number of entries shown of an iterable. Default 100. */
  iterableLimit?: number
  showHidden?: boolean
  showProxy?: boolean
  sorted?: boolean
  /** Maximum number of characters shown of a string. Default 10000. */
  strAbbreviateSize?: number
}

/** Formats a value as Deno does. It ignores the value's own `Symbol.for('Deno.customInspect')`. */
export function denoInspect(value: unknown, options: DenoInspectOptions = {}): string {
  const { colors = false, depth = 4, iterableLimit = 100, strAbbreviateSize = 10_000, compact, ...alike } = options
  // Missing in the types; Node's own inspect passes it to itself.
  const stylize = (text: string, style: keyof typeof inspect.styles) =>
    coloured(style === 'string' ? requoted(text) : text, colors && colourOf(style))
  const settings = { ...alike, depth, maxArrayLength: iterableLimit, maxStringLength: strAbbreviateSize, stylize }
  return inspect(value, { ...settings, ...(compact === false ? { compact } : {}) } as InspectOptions)
}

// --- internal ---

/** Node prefers the quotes ' " ` in this order, Deno " ' `. */
function requoted(text: string): string {
  const inner = text.slice(1, -1)
  if (!text.startsWith("'")) return text
  if (!inner.includes('"')) return `"${inner}"`
  return inner.includes("\\'") ? `"${inner.replaceAll("\\'", "'").replaceAll('"', '\\"')}"` : text
}

/** Newer Node and Bun color the parts of a regular expression. */
function colourOf(style: keyof typeof inspect.styles): string | undefined {
  return style === 'regexp' ? 'red' : inspect.styles[style]
}

function coloured(text: string, name: string | undefined | false): string {
  const [start, end] = (name && inspect.colors[name]) || []
  return start === undefined ? text : `\u001b[${start}m${text}\u001b[${end}m`
}
