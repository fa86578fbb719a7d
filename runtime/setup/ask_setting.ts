/** Asks for one setting. The answer is checked by the same rules as in a run. */
import { ConfigError } from '../core/errors.ts'
import type { Redactor } from '../core/redact.ts'
import type { Prompts } from '../host/prompts.ts'
import type { SettingQuestion } from '../providers/provider.ts'
import { providerProblems } from '../providers/providers.ts'
import { readConfig } from '../settings/config.ts'
import type { SettingName } from '../settings/setting_rules.ts'
import { secretProblem } from './secret_like.ts'
import { quoteValue } from './write_env_file.ts'

export type Answers = Partial<Record<SettingName, string>>

export interface Asking {
  readonly prompts: Prompts
  readonly redactor: Pick<Redactor, 'add'>
  /** The folder of `.env`. Relative paths in the file start there. */
  readonly directory: string
  /** The working directory. Relative paths that a person types start there. */
  readonly cwd: string
  /** Answers to offer: the settings in the existing file, and what was answered before going back. */
  readonly former: Answers
}

/** @returns nothing for an empty answer */
export async function askSetting(asking: Asking, settings: Answers, question: SettingQuestion): Promise<Answers> {
  const { name, label, where, example, complete = (answer: string) => answer } = question
  const completed = (answer: string): string => (answer === '' ? '' : complete(answer))
  const answer = await asking.prompts.text({
    message: label,
    details: [where],
    example,
    initial: asking.former[name],
    mayGoBack: true,
    check: (text) =>
      secretProblem(name, text, settings.WFG_CLIENT_SECRET) ??
      problemWith(name, { ...settings, [name]: completed(text) }, asking.directory),
  })
  return answer === '' ? {} : { [name]: completed(answer) }
}

/** Returns why a value is invalid, in the words of a run with these settings; undefined if it is valid. */
export function problemWith(name: SettingName, settings: Answers, directory: string): string | undefined {
  const value = settings[name]
  if (value !== undefined && quoteValue(value) === undefined) {
    return 'contains every kind of quote, which a .env file cannot hold; save a secret in a file of its own'
  }
  try {
    const loaded = Object.entries(settings).map(([key, text]) => [key, { value: text, directory }])
    readConfig({ profile: '', settings: Object.fromEntries(loaded) }, providerProblems)
    return undefined
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.find((problem) => problem.name === name)?.problem
  }
}
