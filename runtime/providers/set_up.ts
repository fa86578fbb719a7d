/** Texts about the one-time set-up at the provider and in WorkflowGen, and about where each setting is found. */
import { indent } from '../core/wrap.ts'
import type { ProviderName, SettingName } from '../settings/setting_rules.ts'
import type { Guide, GuideValues, SettingQuestion } from './provider.ts'
import { PROVIDERS } from './providers.ts'

export type GuidedProvider = Exclude<ProviderName, 'sandbox'>

/** In the order in which `init` offers them. */
export const GUIDES = Object.fromEntries(
  (['auth0', 'entra', 'entra-v1', 'adfs', 'okta', 'oidc'] as const).map((name) => [name, PROVIDERS[name].guide!]),
) as Readonly<Record<GuidedProvider, Guide>>

export const GRAPHQL_URL: SettingQuestion = {
  name: 'WFG_GRAPHQL_URL',
  label: 'GraphQL endpoint of WorkflowGen',
  where: 'the address at which you open WorkflowGen, up to /wfgen, followed by /graphql',
  example: 'https://workflow.example.com/wfgen/graphql',
}

/** Renders the set-up steps with the settings filled in, for the end of `init`. */
export function renderSteps(
  provider: GuidedProvider,
  settings: Partial<Record<SettingName, string>>,
  columns: number | undefined,
): string {
  const { steps, commands } = GUIDES[provider]
  const values: GuideValues = { clientId: settings.WFG_CLIENT_ID ?? '', audience: settings.WFG_AUDIENCE ?? '' }
  const width = Math.min(columns ?? 80, MAX_COLUMNS)
  const numbered = [...steps(values), workflowgenStep(values)].flatMap((step, index) => {
    const [first = '', ...more] = indent(step, 3, width)
    return [`${index + 1}. ${first.trimStart()}`, ...more]
  })
  const typed =
    commands === undefined
      ? []
      : ['', ...indent(COMMANDS, 0, width), '', ...commands(values).map((command) => `  ${command}`)]
  return `${['', 'Set up once:', '', ...numbered, ...typed].join('\n')}\n`
}

/** Lists the settings of each provider, for someone who fills in the file by hand. */
export function settingsByProvider(): string {
  const lines = Object.entries(GUIDES).map(([name, { questions }]) => {
    const names = questions.map((question) => question.name).filter((setting) => setting !== 'WFG_CLIENT_ID')
    return `  ${name.padEnd(8)}  ${names.join(', ')}`
  })
  return [
    `  ${'all'.padEnd(8)}  WFG_GRAPHQL_URL, WFG_CLIENT_ID, WFG_CLIENT_SECRET or WFG_CLIENT_SECRET_FILE`,
    ...lines,
  ].join('\n')
}

/** The whole set-up, for `doctor` if nothing is configured. */
export function setUpText(): string {
  const providers = Object.entries(GUIDES).filter(([name]) => name !== 'entra-v1' && name !== 'oidc')
  return [
    'Three things are set up once:',
    '',
    '1. At the identity provider, register a machine-to-machine application for the script, named after it.',
    '2. There too, authorise that application on the API "WorkflowGen GraphQL API".',
    ...providers.flatMap(([, guide]) => [
      '',
      `   ${guide.label}:`,
      ...guide.steps(UNKNOWN).map((step) => `   - ${step}`),
    ]),
    '',
    `3. ${workflowgenStep(UNKNOWN)}`,
    '',
    'The command `init` asks for the settings, says where to find each, and writes them to .env beside tasks.ts. You can also ' +
      'set them in the environment. Then run `doctor` again. To try wfg without a server, add --profile sandbox to any command.',
  ].join('\n')
}

/** Says where to find these settings, with a line for each place. */
export function placesOf(names: readonly string[], provider: ProviderName): string[] {
  const { guide } = PROVIDERS[provider]
  if (!guide) return []
  const places = names.map((name) => {
    if (name === 'WFG_CLIENT_SECRET') return `${guide.label}: WFG_CLIENT_SECRET is the client secret: ${guide.secret}.`
    const question = [GRAPHQL_URL, ...guide.questions].find((each) => each.name === name)
    return question ? `${guide.label}: ${name} is the ${question.label}: ${question.where}.` : ''
  })
  return [...new Set(places)].filter(Boolean)
}

// --- internal ---

const UNKNOWN: GuideValues = { clientId: '<client ID>', audience: '<API identifier>' }
/** Longer lines are hard to read. */
const MAX_COLUMNS = 110
const COMMANDS =
  'Or use the command line of Auth0. The third command creates the application and prints its client ID. The dashboard shows the secret.'

function workflowgenStep({ clientId }: GuideValues): string {
  return (
    'In WorkflowGen, Administration > Applications > New application: Name, Description, Type "Non-interactive Client", ' +
    `Impersonate username (scripts get exactly that user's rights), Client ID ${clientId}, Active checked.`
  )
}
