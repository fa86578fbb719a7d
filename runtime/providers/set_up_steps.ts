/** The set-up in words: what has to be there at the provider and in WorkflowGen, and which settings each provider needs. */

import { indent } from '../core/wrap.ts'
import type { SettingName } from '../settings/setting_rules.ts'
import { GUIDES, type GuideValues, workflowgenStep } from './provider_guides.ts'

type Provider = keyof typeof GUIDES

/** What must have been done once, with the settings filled in. */
export function renderSteps(
  provider: Provider,
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
  return `${['', 'This has to be set up once:', '', ...numbered, ...typed].join('\n')}\n`
}

/** For whoever fills in a file by hand: a line for each provider. */
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

// --- internal ---

/** Longer lines are hard to read. */
const MAX_COLUMNS = 110
const COMMANDS =
  'Or with the command line of Auth0. The third makes the application, where there is none yet; its client ID is in the ' +
  'answer, its secret in the dashboard.'
