/** Texts of a command line as values of a variable's type. */
import type { ListTypeNode, NamedTypeNode, TypeNode } from 'graphql'
import { UsageError } from '../../core/errors.ts'
import { readNumber } from '../../core/text_values.ts'
import { file } from '../document/file.ts'
import { Kind } from '../document/language.ts'
import { A_FILE, AN_OBJECT, checkJson, collect, isInput, MUST_NOT_BE_NULL, needs, type Typed } from './json_values.ts'
import { scalarOf, UPLOAD } from './scalars.ts'

/**
 * - Int, Float, Boolean, DateTime: what stands for one, and `null`
 * - String, ID: the text as it is, also `null`
 * - Upload: `@FILE`
 * - a list: a JSON list, one item, or several texts, one for each item
 * - any other type, be it an enum, a scalar or an input object: JSON where it is JSON, else the text
 *
 * @param texts at least one; several where the variable was given more than once
 */
export function fromTexts(type: TypeNode, texts: readonly string[]): Typed {
  const inner = type.kind === Kind.NON_NULL_TYPE ? type.type : type
  if (texts.length === 1) return fromText(type, texts[0]!)
  if (inner.kind === Kind.LIST_TYPE) return collect(texts.map((text) => fromText(inner.type, text)))
  return { problem: `takes one value, and was given ${texts.length}` }
}

// --- internal ---

function fromText(type: TypeNode, text: string): Typed {
  if (type.kind === Kind.NON_NULL_TYPE) {
    const typed = fromText(type.type, text)
    return 'value' in typed && typed.value === null ? { problem: MUST_NOT_BE_NULL } : typed
  }
  if (type.kind === Kind.LIST_TYPE) return listFromText(type, text)
  if (type.name.value === UPLOAD) return uploadFromText(text)
  const scalar = scalarOf(type.name.value)
  if (!scalar) return unknownFromText(type, text)
  const value = scalar.fromText(text)
  if (value !== undefined) return { value }
  return text.trim() === 'null' ? { value: null } : needs(scalar.expected, jsonOr(text))
}

function listFromText(type: ListTypeNode, text: string): Typed {
  if (text.trim() === 'null') return { value: null }
  if (!text.trimStart().startsWith('[')) return collectOne(fromText(type.type, text))
  const json = readJson(text)
  return json ? checkJson(type, json.value) : { problem: 'begins with "[" and is no JSON list' }
}

function collectOne(item: Typed): Typed {
  return 'value' in item ? { value: [item.value] } : item
}

/** Without the server's schema an enum cannot be told from a scalar; JSON has no names, so a name is a text. */
function unknownFromText(type: NamedTypeNode, text: string): Typed {
  const json = readJson(text)
  if (json) {
    const isInexact = typeof json.value === 'number' && readNumber(text.trim()) === undefined
    return isInexact ? { value: text.trim() } : checkJson(type, json.value)
  }
  if (/^\s*[[{"]/.test(text)) return { problem: 'begins as JSON does and is none' }
  return isInput(type.name.value) ? needs(AN_OBJECT, text) : { value: text }
}

function uploadFromText(text: string): Typed {
  if (text === 'null') return { value: null }
  if (!text.startsWith('@') || text === '@') return needs(A_FILE, text)
  try {
    return { value: file(text.slice(1)) }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { problem: `needs ${A_FILE}. ${error.message}` }
  }
}

function readJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function jsonOr(text: string): unknown {
  const json = readJson(text)
  return json ? json.value : text
}
