/** Asks for the settings, and checks each answer by the rules that every run checks it by. */
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
  /** The folder of `.env`, which the paths in it start from. */
  readonly directory: string
  /** Which the paths that a person types start from. */
  readonly cwd: string
  /** What the file says so far. */
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

/** Why a value cannot be used, as a run with these settings would say it; undefined where it can. */
export function problemWith(name: SettingName, settings: Answers, directory: string): string | undefined {
  const value = settings[name]
  if (value !== undefined && quoteValue(value) === undefined) {
    return 'holds all kinds of quotes, which a .env file cannot; for a secret, choose a file of its own'
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

/** What another provider was told would only be in the way. */
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
    message: 'How does the application prove who it is?',
    choices: [
      ...(kept ? [{ value: 'kept', label: 'By the client secret that is there already' } as const] : []),
      { value: 'secret', label: 'By a client secret', hint: 'typed here, and not shown' },
      { value: 'file', label: 'By a client secret in a file', hint: 'that holds it alone' },
      { value: 'key', label: 'By a private key', hint: 'private_key_jwt' },
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
  where: 'it holds the secret alone, and only you may read it',
}
const KEY_FILE: SettingQuestion = {
  name: 'WFG_PRIVATE_KEY_FILE',
  label: 'File with the private key',
  where: 'PEM, without a passphrase',
}
const KEY_ID: SettingQuestion = {
  name: 'WFG_PRIVATE_KEY_ID',
  label: 'Key ID (leave empty where the provider gave none)',
  where: 'where the public key was registered',
}
const CERTIFICATE: SettingQuestion = {
  name: 'WFG_CERTIFICATE_FILE',
  label: 'File with the certificate of that key',
  where: 'PEM, the one that was uploaded',
}

/** The path as it stands in the file: from its folder where it is below, else the whole. */
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
