/** Collects flags and places for completion from the registry, the usages of the commands, and the schema of a script. */
import { isSwitch, type Parameter } from '../tasks/arguments/schema.ts'
import { toolFlags } from '../tasks/arguments/tool_flags.ts'
import { listRows } from '../tasks/registry/list.ts'
import type { Registry } from '../tasks/registry/registry.ts'
import type { Candidate, Flag, Grammar, Values } from './completion_words.ts'

/** The candidates for words in a usage, such as `<task or file>` and `G`. */
export interface Vocabulary {
  readonly tasks: readonly Candidate[]
  readonly commands: readonly Candidate[]
  readonly groups: readonly Candidate[]
  readonly profiles: readonly Candidate[]
}

export function createVocabulary(
  registry: Registry,
  commands: Readonly<Record<string, { readonly usage: string; readonly summary: string }>>,
  profiles: readonly string[],
): Vocabulary {
  const rows = listRows(registry)
  const groups = new Set(rows.flatMap(({ group }) => group ?? []))
  return {
    tasks: rows.flatMap(({ name, aliases, summary }) =>
      [name, ...aliases].map((word) => ({ word, description: summary ?? '' })),
    ),
    commands: Object.entries(commands)
      .filter(([name, { usage }]) => usage.startsWith(name))
      .map(([word, { summary: description }]) => ({ word, description })),
    groups: [...groups].map(bare),
    profiles: profiles.map(bare),
  }
}

/** Returns the tool's own flags, and a place for the name of a task or command. */
export function toolGrammar(vocabulary: Vocabulary): Grammar {
  const flags = toolFlags.map(({ name, key, value, description }): Flag => {
    const noun = key === 'profile' ? 'PROFILE' : value
    return {
      word: `--${name}`,
      description,
      multiple: false,
      values: noun === undefined ? undefined : valuesOf(noun, vocabulary),
    }
  })
  return {
    flags,
    places: [{ candidates: [...vocabulary.tasks, ...vocabulary.commands], files: false }],
    variadic: false,
  }
}

/** @param usage as in help, for example `list [--json] [--group G]` */
export function commandGrammar(usage: string, vocabulary: Vocabulary): Grammar {
  const flags: Flag[] = []
  const places: Values[] = []
  const [, ...parts] = usage.replaceAll('[flags]', '').matchAll(USAGE)
  for (const { 0: text, groups: { flag: word, value } = {} } of parts) {
    if (word !== undefined) {
      const values = value === undefined ? undefined : valuesOf(value, vocabulary)
      flags.push({ word, description: '', multiple: false, values })
    } else if (!text.startsWith('-') && /\w/.test(text)) places.push(valuesOf(text, vocabulary))
  }
  return { flags, places, variadic: false }
}

/** @param parameters of the script; undefined for a plain file, whose arguments are its own */
export function scriptGrammar(parameters: readonly Parameter[] | undefined): Grammar {
  if (!parameters) return { flags: [], places: [{ candidates: [], files: true }], variadic: true }
  const positionals = parameters.filter(({ positional }) => positional)
  return {
    flags: parameters.filter(({ positional }) => !positional).flatMap(flagsOf),
    places: positionals.map(parameterValues),
    variadic: positionals.some(({ variadic }) => variadic),
  }
}

/** Adds the tool's flags, which may stand anywhere. */
export function withToolFlags(own: Grammar, { flags }: Grammar): Grammar {
  const names = new Set(own.flags.map(({ word }) => word))
  return { ...own, flags: [...own.flags, ...flags.filter(({ word }) => !names.has(word))] }
}

// --- internal ---

/** Matches a flag with its value (`--group G`), `-v name=value`, or a place. */
const USAGE = /(?<flag>--\w[\w-]*)(?: (?<value><[^>]*>|[^\s[\]<|-][^\s[\]]*))?|-\w [^\s\]]+|<[^>]*>|[^\s[\]]+/g

const bare = (word: string): Candidate => ({ word, description: '' })

/** Returns the candidates for all words of `<task or file>`, `FILE|-` or `bash|zsh`. */
function valuesOf(text: string, { tasks, commands, groups, profiles }: Vocabulary): Values {
  const nouns: Readonly<Record<string, readonly Candidate[]>> = {
    task: tasks,
    command: commands,
    G: groups,
    GROUP: groups,
    P: profiles,
    PROFILE: profiles,
  }
  const isPhrase = text.startsWith('<')
  const words = text.match(/[^\s|<>]+/g) ?? []
  const isChoice = (word: string) => !isPhrase && /^[a-z][\w-]*$/.test(word)
  return {
    candidates: words.flatMap((word) => nouns[word] ?? (isChoice(word) ? [bare(word)] : [])),
    files: words.some((word) => /^@?file$/i.test(word)),
  }
}

function flagsOf(parameter: Parameter): Flag[] {
  const { flag, description = '', multiple } = parameter
  const [yes, no] = [`--${flag}`, `--no-${flag}`]
  if (!isSwitch(parameter)) return [{ word: yes, description, multiple, values: parameterValues(parameter) }]
  return [
    { word: yes, description, multiple, values: undefined, opposite: no },
    { word: no, description, multiple, values: undefined, opposite: yes },
  ]
}

/** A plain text may be a path; a date, a number or a choice is not. */
function parameterValues({ choices, label, kind }: Parameter): Values {
  const words = choices ?? (kind === 'boolean' ? ['true', 'false'] : [])
  return { candidates: words.map((choice) => bare(String(choice))), files: !choices && label === 'string' }
}
