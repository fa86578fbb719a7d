import { readFileSync } from 'node:fs'
import {
  commandGrammar,
  createVocabulary,
  scriptGrammar,
  toolGrammar,
  withToolFlags,
} from '../../completion/completion_grammar.ts'
import { NOTHING, nextWord, takeName, type Values } from '../../completion/completion_words.ts'
import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import { profileNames } from '../../settings/settings.ts'
import type { Parameter } from '../../tasks/arguments/schema.ts'
import { describeScript } from '../../tasks/arguments/script_help.ts'
import { grantsOfRun } from '../../tasks/registry/grants.ts'
import type { Registry } from '../../tasks/registry/registry.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { findTarget } from '../../tasks/run/target.ts'
import { type CommandName, USAGES } from '../usages.ts'

/** Prints the completion script of a shell. That script calls this command with `--word=…` for each word. */
export async function run(call: CommandCall): Promise<void> {
  const { host, args } = call
  if (args.length > 0 && args.every((word) => word.startsWith(WORD))) return answer(call)
  const [shell = '', ...more] = args
  const file = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined
  if (file === undefined || more.length > 0) {
    const names = Object.keys(SHELLS)
    const found = shell === '' ? 'no shell was named' : `${JSON.stringify(args.join(' '))} is not a shell that it knows`
    const hint = shell === '' ? '' : didYouMean(shell, names)
    throw new UsageError(`Cannot print a completion: ${found}${hint || `; expected one of ${names.join(', ')}.`}`)
  }
  await host.stdout.write(completionScript(file))
}

/** Returns the completion script in that file. */
export function completionScript(file: string): string {
  const read = (name: string) => readFileSync(new URL(`../../completion/${name}`, import.meta.url), 'utf8')
  // All shells share the check of who can write the files.
  return read(file).replace('IS_TRUSTED', () => read('is_trusted.sh').trimEnd())
}

// --- internal ---

const WORD = '--word='

const SHELLS: Readonly<Record<string, string>> = { bash: 'wfg.bash', zsh: 'wfg.zsh', fish: 'wfg.fish', pwsh: 'wfg.ps1' }

/** Prints one candidate a line, with a tab before its description. A line that starts with a tab asks for files. */
async function answer(call: CommandCall): Promise<void> {
  const { host, args } = call
  const words = args.map((word) => word.slice(WORD.length))
  const { candidates, files } = await valuesFor(call, words.slice(0, -1), words.at(-1)!).catch(() => NOTHING)
  const lines = candidates
    .filter(({ word }) => !/[\t\n]/.test(word))
    .map(({ word, description }) => `${word}\t${description.replace(/\s+/g, ' ')}\n`)
  await host.stdout.write([...lines, files ? '\tfiles\n' : ''].join(''))
  // An imported script may have left something open, and a person waits at the prompt.
  host.exit(0)
}

async function valuesFor(call: CommandCall, words: readonly string[], current: string): Promise<Values> {
  const { registry } = call
  const vocabulary = createVocabulary(registry, USAGES, profileNames(registry.directory))
  const tool = toolGrammar(vocabulary)
  const first = takeName(tool.flags, words)
  if (!first) return nextWord(tool, words, current)
  const { name, others } = first
  const target = name === 'run' ? takeName(tool.flags, others) : first
  if (target && !(Object.hasOwn(USAGES, name) && name !== 'run')) {
    const grammar = scriptGrammar(await parametersOf(call, target.name, words.includes('--isolated')).catch(() => []))
    return nextWord(withToolFlags(grammar, tool), target.others, current)
  }
  const { usage } = USAGES[name as CommandName]
  const grammar = commandGrammar(usage, vocabulary)
  return nextWord(withToolFlags(grammar, tool), others, current)
}

async function parametersOf(
  { host, registry, loadSession }: CommandCall & { readonly registry: Registry },
  name: string,
  isolated: boolean,
): Promise<readonly Parameter[] | undefined> {
  const target = findTarget(host, registry, name)
  const file = 'task' in target ? target.task.script : target.file
  if (file === undefined) return []
  await loadSession()
  const grants = grantsOfRun('task' in target ? target.task.isolated : undefined, { isolated }, registry.directory)
  return (await describeScript(host, file, grants))?.parameters
}
