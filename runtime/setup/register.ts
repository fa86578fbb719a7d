/** Adds an entry to the text of `tasks.ts`, and changes nothing else in it. */
import type { ObjectExpression } from 'acorn'
import { type AnyNode, parseSource, walk } from '../script/source.ts'
import type { Access } from '../tasks/registry/entry.ts'

interface NewEntry {
  readonly name: string
  /** Path of the script, relative to `tasks.ts`, with forward slashes. */
  readonly script: string
  readonly access: Access
}

/** Returns the text with the entry as the last task, or undefined if the tasks are not one object in the text. */
export function insertEntry(text: string, entry: NewEntry): string | undefined {
  const object = findTasks(text)
  if (!object) return undefined
  const { start, properties } = object
  const close = object.end - 1
  const last = properties.at(-1)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  // Behind the last entry stand only a comma and comments.
  const comma = withoutComments(text.slice(last?.end ?? start + 1, close)).indexOf(',')
  const end = last ? last.end + comma + 1 : start + 1
  const separator = last && comma < 0 ? ',' : ''
  const closing = text.lastIndexOf('\n', close) + 1
  if (closing >= end && withoutComments(text.slice(closing, close)).trim() === '') {
    const indentation = (properties[0] && indentationOf(text, properties[0].start)) ?? `${indentOf(text, close)}  `
    return `${text.slice(0, end)}${separator}${text.slice(end, closing)}${entryOf(entry, indentation, eol)}${text.slice(closing)}`
  }
  if (!last) {
    const outer = indentOf(text, start)
    return `${text.slice(0, close).trimEnd()}${eol}${entryOf(entry, `${outer}  `, eol)}${outer}${text.slice(close)}`
  }
  return `${text.slice(0, end)}${separator} ${inline(entry)}${text.slice(end)}`
}

/** Returns the text without the entries that name one of these scripts. Each entry has lines of its own. */
export function removeEntries(text: string, scripts: readonly string[]): string {
  const isNamed = (entry: string) => scripts.some((name) => new RegExp(`['/]${name}(\\.ts)?'`).test(entry))
  const named = (findTasks(text)?.properties ?? []).filter(({ start, end }) => isNamed(text.slice(start, end)))
  return named.reduceRight(
    (left, { start, end }) =>
      left.slice(0, left.lastIndexOf('\n', start) + 1) + left.slice(left.indexOf('\n', end) + 1),
    text,
  )
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

/** The object that is the second argument of the only call of `defineTasks`. */
function findTasks(text: string): ObjectExpression | undefined {
  const given: (AnyNode | undefined)[] = []
  try {
    walk(parseSource(text), (node) => {
      if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return
      if (node.callee.name === 'defineTasks') given.push(node.arguments[1])
    })
  } catch {
    return undefined
  }
  const [tasks] = given
  return given.length === 1 && tasks?.type === 'ObjectExpression' ? tasks : undefined
}

function withoutComments(text: string): string {
  return text.replace(/\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g, (comment) => ' '.repeat(comment.length))
}

/** The space before an entry that is the first thing in its line. */
function indentationOf(text: string, at: number): string | undefined {
  return /(?:^|\n)([^\S\n]*)$/.exec(text.slice(0, at))?.[1]
}

function indentOf(text: string, at: number): string {
  return /^[^\S\n]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))![0]
}
