/** Shows the state of the access token that scripts use, clears it, or reveals it. */
import { ConfigError, UsageError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { loadSettings, SANDBOX_PROFILE } from '../../settings/settings.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { runSettings, type Session } from '../../tasks/run/session.ts'
import { clear, clearAll } from '../../token/token_clear.ts'
import { renderTokenState, SANDBOX_STATE, type TokenState, tokenState } from '../../token/token_state.ts'
import { commandArguments } from '../command_arguments.ts'
import { USAGES } from '../usages.ts'

/** Requests a token only to reveal it. */
export async function run({ host, args, flags, lifecycle, loadSession }: CommandCall): Promise<void> {
  const { values, positionals } = commandArguments('token', args, {
    json: { type: 'boolean' },
    all: { type: 'boolean' },
  })
  const action = actionOf(positionals)
  if (values['json'] && action !== 'show') throw unfit(`${action} has no --json`)
  if (values['all'] && action !== 'clear') throw unfit('--all is for clear only')
  const session = await loadSession()
  session.runSettings = runSettings(flags, 'read', lifecycle.signal)
  try {
    const asJson = values['json'] === true || flags.format === 'json'
    if (values['all']) await clearAll(host, session, flags.profile)
    else if (isSandbox(host, session, flags.profile, action)) {
      await host.stdout.write(asJson && action === 'show' ? jsonOf(SANDBOX_STATE) : `${SANDBOX}\n`)
    } else if (action === 'clear') await clear(host, session)
    else if (action === 'reveal') await reveal(host, session, lifecycle.signal)
    else await show(host, session, asJson)
  } finally {
    await session.close()
  }
}

// --- internal ---

type Host = CommandCall['host']

const ACTIONS = ['clear', 'reveal'] as const
type Action = 'show' | (typeof ACTIONS)[number]

const SANDBOX = 'Tokens of the embedded sandbox are not stored: each process has its own.'

function actionOf([name, ...more]: readonly string[]): Action {
  if (name === undefined) return 'show'
  const action = ACTIONS.find((each) => each === name)
  if (action && more.length === 0) return action
  const meant = action ? undefined : nearest(name, ACTIONS)
  throw unfit(
    action
      ? `${action} takes no arguments`
      : `unknown action ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  )
}

function unfit(problem: string): UsageError {
  const end = problem.endsWith('?') ? '' : ';'
  return new UsageError(`Cannot run the command token: ${problem}${end} expected ${USAGES.token.usage}.`)
}

/** @throws {ConfigError} if nothing is configured, or the sandbox's token would be revealed */
function isSandbox(host: Host, session: Session, profile: string | undefined, action: Action): boolean {
  const loaded = loadSettings(host, session.directory, profile)
  if (loaded.profile !== SANDBOX_PROFILE) return false
  if (loaded.nothingConfigured) {
    throw new ConfigError(
      `Cannot ${action === 'clear' ? 'remove' : action} the access token: nothing is configured, so scripts use the embedded sandbox, ` +
        'whose tokens are not stored. To use your server, copy .env.example to .env and fill in its settings.',
    )
  }
  if (action !== 'reveal') return true
  throw new ConfigError(
    'Cannot reveal an access token of the embedded sandbox: it ends with this process. ' +
      'Start a sandbox with the command sandbox, and use the settings that it prints.',
  )
}

async function show(host: Host, session: Session, asJson: boolean): Promise<void> {
  const state = tokenState(host, await session.connect(undefined))
  const text = asJson ? jsonOf(state) : renderTokenState(state, host.stdout.columns)
  await host.stdout.write(text)
}

function jsonOf(state: TokenState): string {
  return `${JSON.stringify(state, null, 2)}\n`
}

async function reveal(host: Host, session: Session, signal: AbortSignal): Promise<void> {
  const { config, token } = await session.connect(undefined)
  const value = await token.get({ signal })
  const { requestedAtMs = 0, lifetimeMs = 0 } = token.status()
  const end = new Date(requestedAtMs + lifetimeMs)
    .toISOString()
    .replace(/:\d\d\.\d+Z$/, ' UTC')
    .replace('T', ' ')
  await host.stderr.write(
    `This is a secret: anyone who has it can act in WorkflowGen as the user of the client ${JSON.stringify(config.clientId)}, ` +
      `with all the rights of that user, until ${end}.\n`,
  )
  await host.stdout.writeAsIs(`${value}\n`)
}
