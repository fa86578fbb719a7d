/** Reads a script's summary from its header, as text, so that a list of scripts imports none of them. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { systemCode } from '../core/system_code.ts'

/** Enough for almost every header. If it is cut, more is read. */
const HEAD_BYTES = 8 * 1024
const MAX_BYTES = 1024 * 1024

interface Summary {
  /** One line; empty if the script has no header. */
  readonly summary: string
  /** The paragraphs after it, up to the first tag. Each item of a list has its own line. */
  readonly more: readonly string[]
  /** Line of `export default` or `defineScript(`, or 1 if it is not in the part that was read. */
  readonly line: number
  /** Why there is no summary. */
  readonly problem?: string
}

/**
 * Reads the first `/** *\/` before the code, or else the leading `//` lines. Imports may stand before the header.
 */
export function readSummary(path: string): Summary {
  try {
    const head = readHead(path, HEAD_BYTES)
    const first = scan(head.text)
    if (!first.cut || head.whole) return finish(head.text, first)
    const more = readHead(path, MAX_BYTES)
    return finish(more.text, scan(more.text))
  } catch (error) {
    return { ...NOTHING, problem: `cannot be read (${systemCode(error)})` }
  }
}

// --- internal ---

const NOTHING: Summary = { summary: '', more: [], line: 1 }

interface Scan {
  /** The paragraphs of the header. */
  readonly header: readonly string[]
  /** Where code begins. */
  readonly end: number
  /** True if the text ended before code began. */
  readonly cut: boolean
  readonly unclosed: boolean
}

const buffer = Buffer.allocUnsafe(HEAD_BYTES)

function readHead(path: string, maxBytes: number): { text: string; whole: boolean } {
  const descriptor = openSync(path, 'r')
  try {
    const bytes = maxBytes === HEAD_BYTES ? buffer : Buffer.allocUnsafe(Math.min(fstatSync(descriptor).size, maxBytes))
    const length = bytes.length === 0 ? 0 : readSync(descriptor, bytes, 0, bytes.length, 0)
    return { text: bytes.toString('utf8', 0, length).replace(/^\uFEFF/, ''), whole: length < bytes.length }
  } finally {
    closeSync(descriptor)
  }
}

const SPACE = /\s+/y
const SHEBANG = /#![^\n]*/y
const BLOCK = /\/\*[\s\S]*?\*\//y
const LINES = /\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/y
const DIRECTIVE = /(['"])use [\w ]+\1[ \t]*;?/y
/** Up to the module's name; `import(` and `import.meta` are code. A comment has one way to match, or a hostile header takes for ever. */
const IMPORT =
  /import\b(?!\s*[(.])(?:[\w$\s,{}*]|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*(['"])[^'"\n]*\1(?:\s*with\s*\{[^}]*\})?[ \t]*;?/y

/** Comments for tools. */
const TOOL_REMARK = /^(@ts-|@jsx|deno-|biome-|eslint|prettier-|dprint-|tslint|c8 |v8 |#region|#endregion|\/\s*<|@deno-)/

function scan(text: string): Scan {
  let at = take(SHEBANG, text, 0)?.length ?? 0
  let lines: readonly string[] = []
  let imported = false
  while (at < text.length) {
    const block = take(BLOCK, text, at)
    if (block?.startsWith('/**') && block !== '/**/') {
      const header = paragraphs(commentLines(block.slice(3, -2)))
      if (header.length > 0) return { header, end: at + block.length, cut: false, unclosed: false }
    }
    const remark = take(LINES, text, at)
    if (remark && lines.length === 0 && !imported) lines = paragraphs(lineComments(remark))
    const statement = take(IMPORT, text, at)
    imported ||= statement !== undefined
    const passed = take(SPACE, text, at) ?? block ?? remark ?? statement ?? take(DIRECTIVE, text, at)
    if (passed === undefined) break
    at += passed.length
  }
  const unclosed = text.startsWith('/*', at)
  return { header: lines, end: at, cut: at >= text.length || unclosed || text.startsWith('import', at), unclosed }
}

function take(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function commentLines(comment: string): string[] {
  return comment.split('\n').map((line) => line.replace(/^\s*\*?/, '').trim())
}

function lineComments(comment: string): string[] {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\/\//, '').trim())
  return lines.filter((line) => !TOOL_REMARK.test(line))
}

/** The paragraphs up to the first tag. Lines are joined, except that an item of a list begins a line. */
function paragraphs(lines: readonly string[]): string[] {
  const tag = lines.findIndex((line) => line.startsWith('@'))
  const text = lines.slice(0, tag < 0 ? undefined : tag).join('\n')
  return text.split(/\n{2,}/).flatMap((paragraph) => {
    const words = paragraph
      .trim()
      .replace(/\n(?!(?:[-*]|\d+[.)]) )/g, ' ')
      .replace(/\{@\w+ (?:[^{}|]*\|)?([^{}]*)\}/g, '$1')
      .replace(/[^\S\n]+/g, ' ')
    return words === '' ? [] : [words]
  })
}

function finish(text: string, { header, end, unclosed }: Scan): Summary {
  if (text.trim() === '') return { ...NOTHING, problem: 'is empty' }
  if (text.includes('\0')) return { ...NOTHING, problem: 'is not text' }
  const [first = '', ...more] = header
  const found = { summary: first.replaceAll('\n', ' '), more, line: lineOf(text, end) }
  return first === '' && unclosed ? { ...found, problem: 'begins with a comment that does not end' } : found
}

function lineOf(text: string, from: number): number {
  const code = text.slice(from)
  const found = code.match(/^[ \t]*export[ \t]+default\b/m) ?? code.match(/\bdefineScript[ \t]*\(/)
  return found?.index === undefined ? 1 : text.slice(0, from + found.index).split('\n').length
}
