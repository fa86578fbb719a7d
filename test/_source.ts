/** Reads TypeScript far enough to know what is code: for rules about sources that prose and templates must not trip. */

export interface Import {
  readonly specifier: string
  /** True for `import(…)`. */
  readonly dynamic: boolean
  /** From 1. */
  readonly line: number
}

export interface Source {
  /** The text, with the contents of comments, strings, templates and regular expressions blanked; same length. */
  readonly code: string
  readonly imports: readonly Import[]
}

export function readSource(text: string): Source {
  const code = blank(text)
  const imports: Import[] = []
  // In the blanked text a quoted specifier is only its quotes, so that what is found here is code.
  const pattern = /(?:\bfrom\s*|\bimport\s*(\(\s*)?)(['"`]) *\2/g
  for (const match of code.matchAll(pattern)) {
    const end = match.index + match[0].length - 1
    const start = match.index + match[0].indexOf(match[2]!) + 1
    imports.push({
      specifier: text.slice(start, end),
      dynamic: match[1] !== undefined,
      line: lineAt(text, match.index),
    })
  }
  return { code, imports }
}

/** Number of the line that the position is in, from 1. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}

// --- internal ---

/** A token that is not plain code, in the order in which they are tried at each position. */
const OPAQUE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y
/** What a division can follow; after anything else a slash begins a regular expression. */
const OPERAND = /(?:[\w$)\]}'"`])$/
const KEYWORD = /\b(?:return|typeof|case|in|of|do|else|void|delete|throw|await|yield)$/

function blank(text: string): string {
  let code = ''
  let at = 0
  /** Depth of braces at which each open `${` ends. */
  const templates: number[] = []
  let depth = 0
  while (at < text.length) {
    const isRegExp = text[at] === '/' && regExpMayBegin(code)
    const opaque = matchAt(OPAQUE, text, at) ?? (isRegExp ? matchAt(REGEXP, text, at) : undefined)
    if (opaque !== undefined) {
      code += opaque.startsWith("'") || opaque.startsWith('"') ? quoted(opaque) : spaces(opaque)
      at += opaque.length
      continue
    }
    const character = text[at]!
    const resumes = character === '}' && templates.at(-1) === depth
    if (character === '{') depth++
    if (character === '}' && !resumes) depth--
    if (resumes) templates.pop()
    if (character !== '`' && !resumes) {
      code += character
      at++
      continue
    }
    const end = templateEnd(text, at + 1)
    code += `${character}${spaces(text.slice(at + 1, end))}`
    at = end
    if (text.startsWith('${', at)) {
      templates.push(depth)
      code += '${'
      at += 2
    } else {
      code += text.slice(at, at + 1)
      at++
    }
  }
  return code
}

/** Where the text of a template stops: at its closing backtick or its next `${`. */
function templateEnd(text: string, from: number): number {
  const pattern = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/y
  return from + (matchAt(pattern, text, from) ?? '').length
}

function regExpMayBegin(code: string): boolean {
  const before = code.trimEnd()
  return KEYWORD.test(before) || !OPERAND.test(before)
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function quoted(text: string): string {
  return `${text[0]}${spaces(text.slice(1, -1))}${text.at(-1)}`
}

function spaces(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}
