/** Asks for the settings, for `init`: one question after another, with a way back. */
import { WentBack } from '../host/prompts.ts'
import { GRAPHQL_URL, GUIDES, type GuidedProvider } from '../providers/set_up.ts'
import { type Answers, type Asking, askSetting } from './ask_setting.ts'
import { credentialSteps, type Draft, type Step } from './credential_questions.ts'

export async function askSettings(given: Asking): Promise<{ provider: GuidedProvider; settings: Answers }> {
  const answered: Draft[] = []
  let { former } = given
  for (;;) {
    const draft: Draft = Object.assign({}, ...answered)
    const step = stepsFor(draft)[answered.length]
    if (step === undefined) {
      const { credential: _, ...settings } = draft
      return { provider: draft.WFG_PROVIDER as GuidedProvider, settings }
    }
    try {
      const answer = await step({ ...given, former }, draft)
      answered.push(answer)
      former = usableFor(answer.WFG_PROVIDER, former)
    } catch (error) {
      if (!(error instanceof WentBack)) throw error
      // What was answered is offered again.
      former = { ...former, ...answered.pop() }
    }
  }
}

// --- internal ---

/** All questions, as far as the answers to the first ones tell. */
function stepsFor(draft: Draft): Step[] {
  const provider = draft.WFG_PROVIDER as GuidedProvider | undefined
  if (provider === undefined) return [askProvider]
  const guide = GUIDES[provider]
  const questions = [GRAPHQL_URL, ...guide.questions].flatMap((question): Step[] => {
    const step: Step = (asking, settings) => askSetting(asking, settings, question)
    // The provider's page shows the secret beside the client ID.
    return question.name === 'WFG_CLIENT_ID' ? [step, ...credentialSteps(provider, guide, draft)] : [step]
  })
  return [askProvider, ...questions]
}

const askProvider: Step = async ({ prompts, former }) => {
  const names = Object.keys(GUIDES) as GuidedProvider[]
  const provider = await prompts.select({
    message: 'Which identity provider does WorkflowGen use?',
    choices: names.map((value) => ({ value, label: GUIDES[value].label })),
    initial: names.find((name) => name === former.WFG_PROVIDER),
    mayGoBack: true,
  })
  return { WFG_PROVIDER: provider }
}

/** Settings for another provider do not apply. */
function usableFor(provider: string | undefined, former: Answers): Answers {
  if (provider === undefined || former.WFG_PROVIDER === undefined || former.WFG_PROVIDER === provider) return former
  const url = former.WFG_GRAPHQL_URL
  return { WFG_PROVIDER: provider, ...(url === undefined ? {} : { WFG_GRAPHQL_URL: url }) }
}
