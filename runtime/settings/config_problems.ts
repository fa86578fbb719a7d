/** Problems of the settings as a whole, and their texts. */
import type { ConfigProblem } from '../core/errors.ts'
import { distanceBetween } from '../core/nearest.ts'
import { type ClientAuth, RULES } from './setting_rules.ts'
import type { LoadedSettings, Settings } from './settings.ts'

/** Secrets that a `#` cut short. The identity provider would refuse them without saying why. */
export function cutProblems(settings: Settings): ConfigProblem[] {
  return Object.entries(settings).flatMap(([name, { cutIn }]) =>
    cutIn === undefined
      ? []
      : [{ name, problem: `is cut short in ${cutIn}: an unquoted # begins a comment; put the value in single quotes` }],
  )
}

/** Settings without which there is no token or no request. */
export function missingProblems(clientAuth: ClientAuth | undefined, settings: Settings): ConfigProblem[] {
  const given = (name: string): boolean => Boolean(settings[name]?.value.trim())
  const problems: ConfigProblem[] = []
  if (!given('WFG_GRAPHQL_URL')) {
    problems.push({ name: 'WFG_GRAPHQL_URL', problem: 'is not set; it is the GraphQL endpoint of WorkflowGen' })
  }
  if (!given('WFG_CLIENT_ID')) {
    problems.push({ name: 'WFG_CLIENT_ID', problem: 'is not set; it is the client ID of the registered application' })
  }
  if (clientAuth === 'private_key_jwt') {
    if (!given('WFG_PRIVATE_KEY_FILE')) {
      problems.push({ name: 'WFG_PRIVATE_KEY_FILE', problem: 'is not set; private_key_jwt needs the private key' })
    }
  } else if (!given('WFG_CLIENT_SECRET') && !given('WFG_CLIENT_SECRET_FILE')) {
    problems.push({ name: 'WFG_CLIENT_SECRET', problem: 'is not set, and neither is WFG_CLIENT_SECRET_FILE' })
  }
  if (!given('WFG_ISSUER') && !given('WFG_TOKEN_ENDPOINT')) {
    problems.push({ name: 'WFG_ISSUER', problem: 'is not set, and neither is WFG_TOKEN_ENDPOINT' })
  }
  return problems
}

/** Adds names that look like misspelled settings. They would have no effect, and explain why a setting seems missing. */
export function withMisspellings(problems: readonly ConfigProblem[], settings: Settings): ConfigProblem[] {
  const all = [...problems]
  for (const name of Object.keys(settings).filter((key) => !(key in RULES))) {
    const meant = Object.keys(RULES).find((known) => !(known in settings) && distanceBetween(known, name) <= 1)
    if (meant === undefined) continue
    const index = all.findIndex((problem) => problem.name === meant)
    if (index === -1) all.push({ name, problem: `is not a setting; did you mean ${meant}?` })
    else all[index] = { name: meant, problem: `${all[index]!.problem} (${name} is set: is it a misspelling?)` }
  }
  return all
}

export function problemText(profile: string, problems: readonly ConfigProblem[]): string {
  const isMissing = problems.some(({ problem }) => problem.startsWith('is not set'))
  const where = isMissing ? 'Set them in' : 'They are set in'
  const lines = problems.map(({ name, problem }) => `  ${name} ${problem}`)
  return (
    `Cannot use the settings of the profile ${JSON.stringify(profile)}:\n${lines.join('\n')}\n` +
    `${where} the environment, or in a file .env beside tasks.ts; .env.example explains each.`
  )
}

/** Names other profiles, because one of them may be meant. It starts a new line, or is empty. */
export function profileHint({ otherProfiles = [], isBareCi = false }: LoadedSettings): string {
  if (isBareCi) return '\nCI is set, so the embedded sandbox is not used; to use it, add --profile sandbox.'
  if (otherProfiles.length === 0) return ''
  const files = otherProfiles.slice(0, 5).map((profile) => `.env.${profile} (--profile ${profile})`)
  const more = otherProfiles.length > files.length ? ` and ${otherProfiles.length - files.length} more` : ''
  return `\nThere are other settings: ${files.join(', ')}${more}. To try wfg without settings, use --profile sandbox.`
}
