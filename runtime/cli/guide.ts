/** The guides in `runtime/guides/`, and how a terminal shows them. */
import { readdirSync, readFileSync } from 'node:fs'
import { indent, renderTerms } from '../core/wrap.ts'

const FOLDER = new URL('../guides/', import.meta.url)
/** The guides are written for a clone. In a team's folder, this is a package. */
const IS_PACKAGE = FOLDER.pathname.includes('/node_modules/')
/** Longer lines are hard to read, however wide the terminal is. */
const MAX_COLUMNS = 100

/** Returns the names of the guides, such as `connect`. */
export function guideNames(): string[] {
  return readdirSync(FOLDER)
    .flatMap((file) => (file.endsWith('.md') ? [file.slice(0, -'.md'.length)] : []))
    .sort()
}

/**
 * Returns the text of a guide: as Markdown, or laid out for a terminal.
 *
 * @param columns width of the terminal; undefined if there is none
 */
export function readGuide(name: string, columns: number | undefined): string {
  const text = forTeam(readFileSync(new URL(`${name}.md`, FOLDER), 'utf8'), IS_PACKAGE)
  if (columns === undefined) return text
  const width = Math.min(columns, MAX_COLUMNS)
  const blocks = text.split(/^(```[\s\S]*?^```)$|\n{2,}/m).filter((block) => block?.trim())
  return `${blocks.map((block) => renderBlock(block.trim(), width).join('\n')).join('\n\n')}\n`
}

/** Returns a guide with the names and paths of a team's folder. */
export function forTeam(text: string, isPackage: boolean): string {
  if (!isPackage) return text
  return text.replaceAll("'#wfg", "'wfg-scripts").replaceAll(' runtime/cli/', ' node_modules/wfg-scripts/runtime/cli/')
}

// --- internal ---

function renderBlock(block: string, columns: number): string[] {
  const lines = block.split('\n')
  if (block.startsWith('```')) return lines.slice(1, -1).map((line) => `  ${line}`)
  if (block.startsWith('|')) return renderTable(lines, columns)
  const heading = /^#+ (.*)$/.exec(block)?.[1]
  if (heading !== undefined) return [heading, '─'.repeat(heading.length)]
  return plain(block)
    .split(/^(?=- |\d\. )/m)
    .flatMap((item) => {
      const [, mark = ''] = /^(- |\d\. )/.exec(item) ?? []
      const [first = '', ...more] = indent(item.slice(mark.length), mark.length, columns)
      return [mark + first.slice(mark.length), ...more].map(spaced)
    })
}

/** The first column as terms, the others as their explanation. */
function renderTable([head = '', , ...rows]: readonly string[], columns: number): string[] {
  const [, , ...titles] = cellsOf(head)
  const terms = rows.map((row) => {
    const [term = '', first = '', ...others] = cellsOf(row)
    const more = others.map((cell, index) => (cell === '' ? '' : ` ${capitalised(titles[index]!)}: ${cell}.`))
    return [term, [more.length > 0 ? first.replace(/[^.]$/, '$&.') : first, ...more].join('')] as const
  })
  return renderTerms(terms, { columns }).map(spaced)
}

function cellsOf(row: string): string[] {
  const cells = row.split(/(?<!\\)\|/).slice(1, -1)
  return cells.map((cell) => plain(cell.replaceAll('\\|', '|').trim()))
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Stands for a space inside of code, where no line may be broken. */
const SPACE = '\u0001'

function spaced(line: string): string {
  return line.replaceAll(SPACE, ' ')
}

/** Without emphasis; a link to a guide as the command that shows it, another with its address. */
function plain(text: string): string {
  return text
    .replaceAll(/\*\*([^*]+)\*\*/g, '$1')
    .replaceAll(/\*([^*`]+)\*/g, '$1')
    .replaceAll(/\[([^\]]+)\]\((\w+)\.md[^)]*\)/g, (_, words, guide) => `${words} (\`help ${guide}\`)`)
    .replaceAll(/\[([^\]]+)\]\(([^)]+)\)/g, '$1 ($2)')
    .replaceAll(/`[^`]+`/g, (code) => code.replaceAll(/\s+/g, SPACE))
}
