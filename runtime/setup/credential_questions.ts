/** Asks how the application authenticates: with a client secret, or, if that is left empty, with something else. */
import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import type { Guide, SettingQuestion } from '../providers/provider.ts'
import { needsCertificate } from '../providers/providers.ts'
import type { GuidedProvider } from '../providers/set_up.ts'
import { type Answers, type Asking, askSetting, problemWith } from './ask_setting.ts'

export type Credential = 'typed' | 'kept' | 'file' | 'key'

/** The settings so far. Without `credential`, the secret was left empty or not yet asked for. */
export type Draft = Answers & { readonly credential?: Credential }

/** One question. Returns what its answer adds to the draft. */
export type Step = (asking: Asking, draft: Draft) => Promise<Draft>

/** The questions that follow the one for the client ID. */
export function credentialSteps(provider: GuidedProvider, guide: Guide, { credential }: Draft): Step[] {
  const askSecret: Step = (asking, draft) => askForSecret(asking, draft, guide)
  if (credential === 'typed') return [askSecret]
  const more: Readonly<Record<Exclude<Credential, 'typed'>, readonly Step[]>> = {
    kept: [],
    file: [fileStep(SECRET_FILE)],
    key: [
      fileStep(KEY_FILE),
      (asking, draft) => askSetting(asking, draft, KEY_ID),
      ...(needsCertificate(provider) ? [fileStep(CERTIFICATE)] : []),
    ],
  }
  return [askSecret, (asking) => askCredential(asking, guide), ...(credential ? more[credential] : [])]
}

// --- internal ---

async function askForSecret({ prompts, redactor, directory }: Asking, draft: Draft, guide: Guide): Promise<Draft> {
  const secret = await prompts.password({
    message: 'Client secret',
    details: [
      guide.secret,
      'It is not shown here. Leave it empty to use a private key, a file, or a secret entered before.',
    ],
    mayGoBack: true,
    check: (text) =>
      text === '' ? undefined : problemWith('WFG_CLIENT_SECRET', { ...draft, WFG_CLIENT_SECRET: text }, directory),
  })
  if (secret === '') return {}
  redactor.add(secret)
  return { credential: 'typed', WFG_CLIENT_SECRET: secret, ...methodOf(guide) }
}

async function askCredential({ prompts, former }: Asking, guide: Guide): Promise<Draft> {
  const kept = former.WFG_CLIENT_SECRET
  const credential = await prompts.select<Exclude<Credential, 'typed'>>({
    message: 'How does the application authenticate instead?',
    choices: [
      ...(kept ? [{ value: 'kept', label: 'With the client secret that was entered before' } as const] : []),
      { value: 'file', label: 'With a client secret in a file', hint: 'a file that contains only the secret' },
      { value: 'key', label: 'With a private key', hint: 'private_key_jwt' },
    ],
    mayGoBack: true,
  })
  if (credential === 'key') return { credential, WFG_CLIENT_AUTH: 'private_key_jwt' }
  return { credential, ...methodOf(guide), ...(credential === 'kept' && { WFG_CLIENT_SECRET: kept! }) }
}

function methodOf({ clientAuth }: Guide): Answers {
  return clientAuth === 'client_secret_post' ? {} : { WFG_CLIENT_AUTH: clientAuth }
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

/** The setting is the path for the file: relative to its folder if it is below it, otherwise absolute. */
function fileStep({ name, label, where }: SettingQuestion): Step {
  return async ({ prompts, cwd, directory, former }, draft) => {
    const formerPath = former[name]
    const written = (answer: string): string => {
      const path = resolve(cwd, answer)
      const below = relative(directory, path)
      return below.startsWith('..') || isAbsolute(below) ? path : below
    }
    const answer = await prompts.text({
      message: label,
      details: [where],
      initial: formerPath === undefined ? undefined : relative(cwd, resolve(directory, formerPath)),
      mayGoBack: true,
      check(text) {
        if (text === '' || !isReadableFile(resolve(cwd, text))) return 'must name a file that you may read'
        return problemWith(name, { ...draft, [name]: written(text) }, directory)
      },
    })
    return { [name]: written(answer) }
  }
}

function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
