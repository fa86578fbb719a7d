/** One more entry in the text of `tasks.ts`; all that is there stays as it is. */
import type { Access } from '../tasks/registry/entry.ts'

export interface NewEntry {
  readonly name: string
  /** Path of the script, relative to `tasks.ts`, with forward slashes. */
  readonly script: string
  readonly access: Access
}

/** The text with the entry last among the tasks; undefined where their place cannot be told for sure. */
export function insertEntry(text: string, entry: NewEntry): string | undefined {
  const code = blank(text)
  const object = findTasks(code)
  if (!object) return undefined
  const { open, close } = object
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const last = open + code.slice(open, close).trimEnd().length - 1
  const comma = last === open || code[last] === ',' ? '' : ','
  const closing = text.lastIndexOf('\n', close) + 1
  if (closing > last && code.slice(closing, close).trim() === '') {
    const indentation = indentationOf(code, open, last) ?? `${indentOf(text, close)}  `
    return `${text.slice(0, last + 1)}${comma}${text.slice(last + 1, closing)}${entryOf(entry, indentation, eol)}${text.slice(closing)}`
  }
  if (last === open) {
    const outer = indentOf(text, open)
    return `${text.slice(0, close).trimEnd()}${eol}${entryOf(entry, `${outer}  `, eol)}${outer}${text.slice(close)}`
  }
  return `${text.slice(0, last + 1)}${comma} ${inline(entry)}${text.slice(last + 1)}`
}

/** The entry as lines of an object, with the end of the last line. */
export function entryOf(entry: NewEntry, indentation: string, eol: string): string {
  const line = `${indentation}${inline(entry)},`
  if (line.length <= MAX_COLUMNS) return `${line}${eol}`
  const members = membersOf(entry).map((member) => `${indentation}  ${member},${eol}`)
  return `${indentation}${keyOf(entry.name)}: {${eol}${members.join('')}${indentation}},${eol}`
}

// --- internal ---

const MAX_COLUMNS = 120

function inline(entry: NewEntry): string {
  return `${keyOf(entry.name)}: { ${membersOf(entry).join(', ')} }`
}

function membersOf({ script, access }: NewEntry): string[] {
  return [`script: './${script}'`, ...(access === 'read' ? ["access: 'read'"] : [])]
}

function keyOf(name: string): string {
  return /^[a-z]\w*$/.test(name) ? name : `'${name}'`
}

/** What may hold a bracket that is none: comments, texts, templates, and regular expressions where one may begin. */
const OPAQUE =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[(,=:[!&|?{};]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\//g

/** The text, as long as before, with comments as spaces and other opaque parts as underscores. */
function blank(text: string): string {
  return text.replace(OPAQUE, (part) => part.replace(/[^\r\n]/g, /^\/[/*]/.test(part) ? ' ' : '_'))
}

/** The braces of the object that is the second argument of the only call of defineTasks. */
function findTasks(code: string): { open: number; close: number } | undefined {
  const [call, ...others] = code.matchAll(/\bdefineTasks\s*\(/g)
  if (!call || others.length > 0) return undefined
  const begin = call.index + call[0].length
  let depth = 0
  let open: number | undefined
  for (let at = begin; at < code.length; at++) {
    const character = code[at]!
    if (depth === 0 && character === ',' && open === undefined) {
      open = at + 1 + code.slice(at + 1).search(/\S/)
      if (code[open] !== '{') return undefined
    }
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
    if (depth < 0) return undefined
    if (open === undefined || at <= open || depth > 0) continue
    return /^\s*(?:[),]|as\b|satisfies\b)/.test(code.slice(at + 1)) ? { open, close: at } : undefined
  }
  return undefined
}

/** What stands before the first entry, where it has a line of its own. */
function indentationOf(code: string, open: number, last: number): string | undefined {
  return /^[^\S\n]*\r?\n(?:[^\S\n]*\r?\n)*([^\S\r\n]*)\S/.exec(code.slice(open + 1, last + 1))?.[1]
}

function indentOf(text: string, at: number): string {
  return /^[^\S\n]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))![0]
}
