import { ConfigError } from '../core/errors.ts'
import { credentialsIn } from '../core/redact.ts'
import { MIN_LENGTH } from '../core/secret_forms.ts'
import { planTokenRequest, providerOf } from '../providers/providers.ts'
import { placesOf, setUpText } from '../providers/set_up.ts'
import type { Config } from '../settings/config.ts'
import { isServerUrl, PROVIDERS, type ProviderName } from '../settings/setting_rules.ts'
import { type LoadedSettings, loadSettings, type Settings } from '../settings/settings.ts'
import { runSettings } from '../tasks/run/session.ts'
import { type Finding, failed, failedBy, type Step, warning } from './step.ts'

/** Checks that there are settings and that they are valid. */
export const settings: Step = {
  name: 'settings',
  async check(context) {
    const { host, registry, flags } = context
    const loaded = loadSettings(host, registry.directory, flags.profile)
    if (loaded.nothingConfigured) {
      return failed(
        2,
        'nothing is configured: no WFG_ variable is set in the environment, and there is no file .env beside tasks.ts',
        setUpText(),
      )
    }
    const session = await context.loadSession()
    session.runSettings = runSettings(flags, 'read', context.signal)
    try {
      context.connection = await session.connect(flags.profile)
    } catch (error) {
      if (!(error instanceof ConfigError) || error.problems.length === 0) throw error
      return invalid(error, loaded)
    }
    const { config } = context.connection
    const weak = weakSecrets(config)
    if (weak.length === 0) return { status: 'ok', detail: summaryOf(config) }
    return warning(
      `${summaryOf(config)}; ${weak.join('; ')}`,
      'Replace it with a long random secret, made by the identity provider or the database.',
    )
  },
}

// --- internal ---

/** Adds to the error, which lists the problems, where to find the values. */
function invalid(error: ConfigError, { settings }: LoadedSettings): Finding {
  const provider = guessedProvider(settings)
  const names = error.problems.map(({ name }) => name)
  const places = provider === undefined ? [setUpText()] : placesOf(names, provider)
  const finding = failedBy(error)
  return { ...finding, remedy: [finding.remedy ?? '', ...(places.length > 0 ? ['', ...places] : [])].join('\n') }
}

/** Guesses the provider from settings of which some are invalid. */
function guessedProvider(settings: Settings): ProviderName | undefined {
  const named = PROVIDERS.find((name) => name === settings['WFG_PROVIDER']?.value.trim())
  const url = (name: string) => {
    const value = settings[name]?.value.trim() ?? ''
    return isServerUrl(value) ? value : undefined
  }
  const [issuer, endpoint] = [url('WFG_ISSUER'), url('WFG_TOKEN_ENDPOINT')]
  if (named ?? issuer ?? endpoint) {
    const tokenEndpoint = endpoint === undefined ? undefined : new URL(endpoint)
    return providerOf({ provider: named, issuer, tokenEndpoint } as Config)
  }
  return undefined
}

/** Secrets that the redactor cannot mask well. */
function weakSecrets({ clientSecret, databaseUrl }: Config): string[] {
  const [, password = ''] = credentialsIn(databaseUrl?.reveal() ?? '')
  return [
    ['the client secret', clientSecret?.reveal() ?? ''],
    ['the password in WFG_DATABASE_URL', password],
  ].flatMap(([name, secret = '']) => {
    if (secret !== '' && secret.length < MIN_LENGTH)
      return `${name} is shorter than ${MIN_LENGTH} characters, so it is not masked in the output`
    return WORD.test(secret) ? `${name} is an ordinary word, which is masked wherever it occurs in the output` : []
  })
}

const WORD = /^[A-Z]?[a-z]{1,13}$|^[A-Z]{1,14}$/

function summaryOf(config: Config): string {
  const { provider } = planTokenRequest(config)
  const target = config.audience ?? config.resource ?? config.scope
  return (
    `profile ${JSON.stringify(config.profile)}: provider ${provider}, client ID ${JSON.stringify(config.clientId)}, ` +
    `${config.clientAuth ?? 'client_secret_post'}${target === undefined ? '' : `, for ${JSON.stringify(target)}`}`
  )
}
