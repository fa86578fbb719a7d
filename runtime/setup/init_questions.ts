/** Asks for the settings, for `init`. Each answer is checked by the same rules as in a run. */
import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import type { Redactor } from '../core/redact.ts'
import type { Prompts } from '../host/prompts.ts'
import type { Guide, SettingQuestion } from '../providers/provider.ts'
import { needsCertificate, providerProblems } from '../providers/providers.ts'
import { GRAPHQL_URL, GUIDES, type GuidedProvider } from '../providers/set_up.ts'
import { readConfig } from '../settings/config.ts'
import type { SettingName } from '../settings/setting_rules.ts'
import { quoteValue } from './write_env_file.ts'

export type Answers = Partial<Record<SettingName, string>>

export interface Asking {
  readonly prompts: Prompts
  readonly redactor: Pick<Redactor, 'add'>
  /** The folder of `.env`. Relative paths in the file start there. */
  readonly directory: string
  /** The working directory. Relative paths that a person types start there. */
  readonly cwd: string
  /** The settings in the existing file. */
  readonly former: Answers
}

export async function askSettings(given: Asking): Promise<{ provider: GuidedProvider; settings: Answers }> {
  const provider = await askProvider(given)
  const asking = { ...given, former: usableFor(provider, given.former) }
  const guide = GUIDES[provider]
  const settings: Answers = { WFG_PROVIDER: provider }
  for (const question of [GRAPHQL_URL, ...guide.questions]) {
    const answer = await askSetting(asking, settings, question)
    if (answer !== '') settings[question.name] = answer
  }
  Object.assign(settings, await askCredential(asking, settings, guide, provider))
  return { provider, settings }
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

// --- internal ---

async function askProvider({ prompts, former }: Asking): Promise<GuidedProvider> {
  const names = Object.keys(GUIDES) as GuidedProvider[]
  return prompts.select({
    message: 'Which identity provider does WorkflowGen use?',
    choices: names.map((value) => ({ value, label: GUIDES[value].label })),
    initial: names.find((name) => name === former.WFG_PROVIDER),
  })
}

/** Settings for another provider do not apply. */
function usableFor(provider: GuidedProvider, former: Answers): Answers {
  if (former.WFG_PROVIDER === undefined || former.WFG_PROVIDER === provider) return former
  return former.WFG_GRAPHQL_URL === undefined ? {} : { WFG_GRAPHQL_URL: former.WFG_GRAPHQL_URL }
}

async function askSetting(asking: Asking, settings: Answers, question: SettingQuestion): Promise<string> {
  const { name, label, where, example, complete = (answer: string) => answer } = question
  const completed = (answer: string): string => (answer === '' ? '' : complete(answer))
  const answer = await asking.prompts.text({
    message: explained(label, where),
    example,
    initial: asking.former[name],
    check: (text) => problemWith(name, { ...settings, [name]: completed(text) }, asking.directory),
  })
  return completed(answer)
}

type Credential = 'kept' | 'secret' | 'file' | 'key'

async function askCredential(
  asking: Asking,
  settings: Answers,
  guide: Guide,
  provider: GuidedProvider,
): Promise<Answers> {
  const { prompts, former } = asking
  const kept = former.WFG_CLIENT_SECRET
  const credential = await prompts.select<Credential>({
    message: 'How does the application authenticate?',
    choices: [
      ...(kept ? [{ value: 'kept', label: 'With the client secret that is there already' } as const] : []),
      { value: 'secret', label: 'With a client secret', hint: 'you type it here; it is not shown' },
      { value: 'file', label: 'With a client secret in a file', hint: 'a file that contains only the secret' },
      { value: 'key', label: 'With a private key', hint: 'private_key_jwt' },
    ],
  })
  if (credential === 'key') return askKey(asking, settings, provider)
  const method: Answers = guide.clientAuth === 'client_secret_post' ? {} : { WFG_CLIENT_AUTH: guide.clientAuth }
  if (credential === 'kept') return { WFG_CLIENT_SECRET: kept!, ...method }
  const name = credential === 'file' ? 'WFG_CLIENT_SECRET_FILE' : 'WFG_CLIENT_SECRET'
  const value =
    credential === 'file' ? await askFile(asking, settings, SECRET_FILE) : await askSecret(asking, settings, guide)
  return { [name]: value, ...method }
}

async function askSecret({ prompts, redactor, directory }: Asking, settings: Answers, guide: Guide) {
  const secret = await prompts.password({
    message: explained('Client secret', guide.secret),
    check: (text) => problemWith('WFG_CLIENT_SECRET', { ...settings, WFG_CLIENT_SECRET: text }, directory),
  })
  redactor.add(secret)
  return secret
}

async function askKey(asking: Asking, settings: Answers, provider: GuidedProvider): Promise<Answers> {
  const answers: Answers = { WFG_CLIENT_AUTH: 'private_key_jwt' }
  answers.WFG_PRIVATE_KEY_FILE = await askFile(asking, settings, KEY_FILE)
  const id = await askSetting(asking, settings, KEY_ID)
  if (id !== '') answers.WFG_PRIVATE_KEY_ID = id
  if (needsCertificate(provider)) answers.WFG_CERTIFICATE_FILE = await askFile(asking, settings, CERTIFICATE)
  return answers
}

const SECRET_FILE: SettingQuestion = {
  name: 'WFG_CLIENT_SECRET_FILE',
  label: 'File with the client secret',
  where: 'it contains only the secret, and only you may read it',
}
const KEY_FILE: SettingQuestion = {
  name: 'WFG_PRIVATE_KEY_FILE',
  label: 'File with the private key',
  where: 'PEM, without a passphrase',
}
const KEY_ID: SettingQuestion = {
  name: 'WFG_PRIVATE_KEY_ID',
  label: 'Key ID (leave empty if the provider gave none)',
  where: 'shown where the public key was registered',
}
const CERTIFICATE: SettingQuestion = {
  name: 'WFG_CERTIFICATE_FILE',
  label: 'File with the certificate for that key',
  where: 'PEM; the certificate that was uploaded to the provider',
}

/** Returns the path for the file: relative to its folder if it is below it, otherwise absolute. */
async function askFile(asking: Asking, settings: Answers, question: SettingQuestion): Promise<string> {
  const { prompts, cwd, directory, former } = asking
  const { name, label, where } = question
  const formerPath = former[name]
  const written = (answer: string): string => {
    const path = resolve(cwd, answer)
    const below = relative(directory, path)
    return below.startsWith('..') || isAbsolute(below) ? path : below
  }
  const answer = await prompts.text({
    message: explained(label, where),
    initial: formerPath === undefined ? undefined : relative(cwd, resolve(directory, formerPath)),
    check(text) {
      if (text === '' || !isReadableFile(resolve(cwd, text))) return 'must name a file that you may read'
      return problemWith(name, { ...settings, [name]: written(text) }, directory)
    },
  })
  return written(answer)
}

function explained(label: string, where: string): string {
  return `${label}\n   ${where}`
}

function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
