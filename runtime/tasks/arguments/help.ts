/** Renders the help of a task, and of the tool. */

import { visible } from '../../core/visible.ts'
import { indent, renderTerms } from '../../core/wrap.ts'
import type { Access } from '../registry/entry.ts'
import { exampleOf } from './example.ts'
import { isSwitch, type Parameter, written } from './schema.ts'
import { toolFlags } from './tool_flags.ts'

export interface TaskHelp {
  /** What follows the command; empty for a script that is started directly. */
  readonly name: string
  readonly summary: string
  /** The other paragraphs of the script's first comment. */
  readonly more?: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly access: Access
  readonly needs: readonly string[]
  /** What an isolated script may do. Default: it is not isolated. */
  readonly isolated?: string
  /** The schedule with its next time. Default: it has none. */
  readonly scheduled?: string
  /** The task that runs once a job has failed. Default: none. */
  readonly onFailure?: string
  /** Arguments, without the task's name. Default: an example of the required ones, or of the first flag. */
  readonly examples?: readonly string[]
  /** The command that starts the tool, such as `npx tsx tasks.ts`. */
  readonly tool: string
  /** Precedes the task's name. Default: `tool`. */
  readonly command?: string
  /** Width in columns. Default 80. */
  readonly columns: number | undefined
}

/** Renders the help of a task: its comment, usage, positionals, flags with type, default and choices, and examples. */
export function renderHelp(help: TaskHelp): string {
  const { name, summary, more = [], parameters, access, needs, isolated, scheduled, tool, columns = 80 } = help
  const { command = tool, onFailure } = help
  const positionals = parameters.filter((parameter) => parameter.positional)
  const flags = parameters.filter((parameter) => !parameter.positional)
  const needed = flags.filter((flag) => flag.required).map((flag) => usage(flag))
  const optional = flags.length > needed.length ? ['[flags]'] : []
  const line = [command, name, ...needed, ...optional, ...positionals.map(placeOf)].filter(Boolean).join(' ')
  const examples = (help.examples ?? [exampleOf(parameters)])
    .map((example) => [command, name, example].filter(Boolean).join(' '))
    .filter((example) => example !== line)
  const before = needs.length === 0 ? '' : ` Runs ${needs.join(', ')} first.`
  return sections([
    ...[summary, ...more].map((paragraph) => prose(paragraph, columns)),
    titled('Usage', hanging(line, columns)),
    titled('Arguments', renderTerms(positionals.map(termOf), { columns })),
    titled('Flags', renderTerms(flags.map(termOf), { columns })),
    titled(
      'Example',
      // Not wrapped, so that they can be pasted.
      examples.map((example) => `  ${example}`),
    ),
    indent(`${access === 'read' ? 'Only reads: it cannot send a mutation.' : 'Can write.'}${before}`, 0, columns),
    indent(isolated === undefined ? '' : `Runs isolated: ${isolated}.`, 0, columns),
    indent(scheduled === undefined ? '' : `Scheduled: ${scheduled}.`, 0, columns),
    indent(onFailure === undefined ? '' : `If it fails in a worker, ${onFailure} runs.`, 0, columns),
    indent(`\`${tool} help\` shows the flags of the tool, such as --profile, --dry-run and --format.`, 0, columns),
  ])
}

export interface CommandHelp {
  /** As one types it, e.g. `run <task or file> [flags]`. */
  readonly usage: string
  readonly summary: string
}

export interface ToolHelp {
  readonly commands: readonly CommandHelp[]
  /** The command that starts the tool. */
  readonly tool: string
  readonly columns: number | undefined
}

/** Renders the help of the tool: its commands and its flags. */
export function renderUsage({ commands, tool, columns = 80 }: ToolHelp): string {
  const flags = toolFlags.map(({ name, value, description }): [string, string] => {
    return [value === undefined ? `--${name}` : `--${name} ${value}`, description]
  })
  return sections([
    titled('Usage', hanging(`${tool} <task or command> [flags]`, columns)),
    titled(
      'Commands',
      renderTerms(
        commands.map(({ usage, summary }) => [usage, summary] as const),
        { columns },
      ),
    ),
    titled('Flags, before or after the name', renderTerms(flags, { columns })),
  ])
}

// --- internal ---

function sections(blocks: readonly (readonly string[])[]): string {
  const shown = blocks.filter((block) => block.some((line) => line.trim() !== ''))
  return `${shown.map((block) => block.join('\n')).join('\n\n')}\n`
}

/** Longer lines are hard to read on any terminal. */
const PROSE_COLUMNS = 80

function prose(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => indent(visible(line), 0, Math.min(columns, PROSE_COLUMNS)))
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines]
}

/** Wraps a command line; the lines after the first are indented. */
function hanging(line: string, columns: number): string[] {
  const [first = '', ...more] = indent(line, 4, columns)
  return [first.slice(2), ...more]
}

function termOf(parameter: Parameter): [string, string] {
  const short = parameter.short === undefined ? '' : `-${parameter.short}, `
  return [parameter.positional ? placeOf(parameter) : `${short}${usage(parameter)}`, explanationOf(parameter)]
}

function placeOf(parameter: Parameter): string {
  const name = `${written(parameter)}${parameter.variadic ? '...' : ''}`
  return parameter.required ? name : `[${name}]`
}

function usage(parameter: Parameter): string {
  if (isSwitch(parameter)) return written(parameter)
  return `${written(parameter)} <${valueName(parameter)}>${parameter.multiple ? '...' : ''}`
}

/** The placeholder of the value. Short choices are listed in its place. */
function valueName({ alternatives, choices, kind, label }: Parameter): string {
  const all = choices?.join('|')
  if (all !== undefined && all.length <= 24) return all
  if (alternatives) return 'value'
  return kind === 'number' || kind === 'bigint' ? 'number' : label.replace(/[ ,(].*$/, '')
}

function explanationOf(parameter: Parameter): string {
  const { defaultValue, description, multiple, positional, required } = parameter
  const notes = [
    ...typeNotes(parameter),
    ...(defaultValue === undefined || defaultValue === null ? [] : [`default ${shown(defaultValue)}`]),
    ...(multiple && !positional ? ['may be repeated'] : []),
    ...(required && !positional ? ['required'] : []),
  ]
  return visible([description, notes.length > 0 ? `[${notes.join('; ')}]` : ''].filter(Boolean).join(' '))
}

/** What the placeholder does not say already. */
function typeNotes(parameter: Parameter): string[] {
  const { choices, kind, label, positional } = parameter
  if (choices) return !positional && valueName(parameter) === choices.join('|') ? [] : [`one of: ${choices.join(', ')}`]
  return label === kind && (!positional || kind === 'string') ? [] : [label]
}

function shown(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(shown).join(', ')
  return typeof value === 'string' && value !== '' ? value : typeof value === 'string' ? 'empty' : String(value)
}
