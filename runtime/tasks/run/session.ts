/** The session of a process: its settings, connections, tokens and client, each made when first used. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import type { ClosableTokenSource } from '../../auth/access_token.ts'
import { createActingUser } from '../../auth/acting_user.ts'
import { tokenKey } from '../../auth/token_key.ts'
import { tokenSourceOf } from '../../auth/token_source.ts'
import { ConfigError } from '../../core/errors.ts'
import { addSecret } from '../../core/redact.ts'
import { quotedPath } from '../../core/visible.ts'
import { createClient } from '../../graphql/client/client.ts'
import type { ClientContext, Connection, RunSettings } from '../../graphql/client/connection.ts'
import type { Wfg } from '../../graphql/client/wfg.ts'
import { createRetryBudget } from '../../graphql/exchange/retry_budget.ts'
import { providerProblems } from '../../providers/providers.ts'
import { type Config, readConfig } from '../../settings/config.ts'
import { RULES } from '../../settings/setting_rules.ts'
import { type LoadedSettings, loadSettings, SANDBOX_PROFILE, type Settings } from '../../settings/settings.ts'
import type { NetworkHost } from '../../transport/transport.ts'
import type { AskedArguments } from '../arguments/script_arguments.ts'
import { startCommand } from '../arguments/start_command.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import type { RunRecord } from '../history/record.ts'
import type { Recording } from '../history/run_facts.ts'
import type { KeptReader } from '../kept/kept.ts'
import type { Access } from '../registry/entry.ts'
import { readableByOthers, settingsFiles } from '../registry/own_folder.ts'

/** The part of the embedded sandbox that a session uses. */
export interface EmbeddedSandbox {
  readonly settings: Readonly<Record<string, string>>
  /** The user that its application acts as. */
  readonly user: string
  close(): Promise<void>
}

export interface SessionConnection extends Connection {
  /** The WorkflowGen user that the script acts as, if known. */
  readonly user: string | undefined
}

export interface Session {
  readonly host: NetworkHost
  /** The folder that holds `.env` and `tasks.ts`. */
  directory: string
  /** The settings of the run for every client. They are replaced for each task. */
  runSettings: RunSettings
  /** Called before the first call. A script that is started directly reads its flags there. */
  prepare: () => Promise<void>
  readonly clientContext: ClientContext
  /** Called first when the session closes, to end what uses it. */
  readonly closing: Set<() => void | Promise<void>>
  readonly askArguments: SessionOptions['askArguments']
  readonly wfg: Wfg
  /** Number of operations that were sent, by kind. */
  readonly operations: ReadonlyMap<string, number>
  /** The record of the run; undefined if the command runs nothing. */
  recording: Recording | undefined
  /** Called before an operation is sent; may throw to refuse it. */
  beforeSending: (() => void) | undefined
  /** Adds the record of the run to the database, if there is one. */
  shareRecord: SessionOptions['shareRecord'] | undefined
  readonly shareKept: SessionOptions['shareKept']
  /** The connection of the run's profile, if it is open already. */
  connected(): SessionConnection | undefined
  connect(profile: string | undefined): Promise<SessionConnection>
  /** True if the profile's settings ask for a dry run. `connect` reports settings that cannot be read. */
  isDry(profile: string | undefined): boolean
  close(): Promise<void>
}

/** The settings of a run with these flags; without any, those of a program that imports `#wfg`. */
export function runSettings(flags: ToolFlags = {}, access: Access = 'write', signal?: AbortSignal): RunSettings {
  return {
    profile: flags.profile,
    access,
    dryRun: flags.dryRun ?? false,
    confirmed: flags.confirm,
    verbose: flags.verbose ?? false,
    quiet: flags.quiet ?? false,
    signal,
  }
}

export interface SessionOptions {
  /** Called when the folder is first needed and was not set. */
  findDirectory(): string
  startSandbox(): Promise<EmbeddedSandbox>
  /** Asks a person at a terminal for missing arguments. */
  askArguments?(host: NetworkHost, asked: AskedArguments): Promise<Record<string, unknown>>
  /** Adds the record of a run to the database. */
  shareRecord?(host: NetworkHost, databaseUrl: string, record: RunRecord): Promise<void>
  /** Adds what the run printed to the database. */
  shareKept?(host: NetworkHost, databaseUrl: string, id: string, kept: KeptReader): Promise<void>
}

export function createSession(host: NetworkHost, options: SessionOptions): Session {
  const connections = new Map<string, Promise<SessionConnection>>()
  const tokens = new Map<string, ClosableTokenSource>()
  const opened = new Map<string, SessionConnection>()
  const operations = new Map<string, number>()
  const warned = new Set<string>()
  const checks: Promise<void>[] = []
  let sandbox: Promise<EmbeddedSandbox> | undefined
  let directory: string | undefined

  const debug = (text: string): void => {
    if (session.runSettings.verbose) void host.stderr.write(`access token: ${text}\n`)
  }

  const warn = (text: string): void => {
    if (!session.runSettings.quiet) void host.stderr.write(`warning: ${text}\n`)
  }

  const warnOfReaders = ({ cacheDir }: Config, profile: string): void => {
    const isNew = (path: string) => !warned.has(path) && warned.add(path)
    for (const path of readableByOthers(host, session.directory, profile).filter(isNew))
      warn(`other users of this computer can read ${quotedPath(path)}. Type: chmod 600 ${quotedPath(path)}`)
    if (host.platform !== 'win32') return
    const paths = [...settingsFiles(session.directory, profile), ...(cacheDir === undefined ? [] : [cacheDir])]
    // A run does not fail because of a warning.
    checks.push(warnOnWindows(paths.filter(isNew)).catch(() => {}))
  }

  const warnOnWindows = async (paths: readonly string[]): Promise<void> => {
    const { windowsWarnings } = await import('../registry/windows_readers.ts')
    for (const text of await windowsWarnings(host, paths)) warn(text)
  }

  const open = async (profile: string | undefined): Promise<SessionConnection> => {
    const loaded = loadSettings(host, session.directory, profile)
    if (loaded.profile !== SANDBOX_PROFILE) {
      const config = readConfig(loaded, providerProblems)
      const connection = connectionOf(host, config, undefined)
      warnOfReaders(config, loaded.profile)
      return connection
    }
    if (loaded.nothingConfigured && !session.runSettings.quiet)
      await host.stderr.write(sandboxNotice(startCommand(host)))
    sandbox ??= options.startSandbox()
    const { settings, user } = await sandbox
    const config = readConfig(sandboxSettings(loaded, settings), providerProblems)
    return connectionOf(host, config, user)
  }

  const clientContext: ClientContext = {
    host,
    connect: (profile) => session.connect(profile),
    inFlight: new Set(),
    schemaOf(profile, isDry) {
      // The server itself checks what is sent. A pulled schema is not that of the sandbox.
      if (!isDry || profile === SANDBOX_PROFILE) return undefined
      return import('../../graphql/schema/schema_files.ts').then(({ loadPulledSchema }) =>
        loadPulledSchema(session.directory, profile),
      )
    },
    async run() {
      await session.prepare()
      return session.runSettings
    },
    onOperation(kind) {
      session.beforeSending?.()
      operations.set(kind, (operations.get(kind) ?? 0) + 1)
    },
    onIncomplete() {
      if (host.exitCode() === 0) host.setExitCode(INCOMPLETE_EXIT_CODE)
    },
  }
  const session: Session = {
    host,
    get directory() {
      directory ??= options.findDirectory()
      return directory
    },
    set directory(path) {
      directory = path
    },
    runSettings: runSettings(),
    prepare: async () => {},
    clientContext,
    closing: new Set(),
    askArguments: options.askArguments,
    wfg: createClient(clientContext),
    operations,
    recording: undefined,
    beforeSending: undefined,
    shareRecord: options.shareRecord,
    shareKept: options.shareKept,
    connected: () => opened.get(session.runSettings.profile ?? ''),
    connect(asked) {
      const profile = asked ?? session.runSettings.profile
      const key = profile ?? ''
      const opening = async () => {
        const connection = await open(profile)
        opened.set(key, connection)
        return connection
      }
      const connection = connections.get(key) ?? opening()
      connections.set(key, connection)
      return connection
    },
    isDry(profile) {
      const value = settingsOf(profile)?.['WFG_DRY_RUN']?.value
      const parsed = v.safeParse(RULES.WFG_DRY_RUN.schema, value?.trim())
      return parsed.success && parsed.output === true
    },
    async close() {
      await Promise.all([...session.closing].map((end) => end()))
      // Tokens close before the transport, because they need the connections.
      await Promise.all([...tokens.values()].map((token) => token.close()))
      host.transport.close()
      await Promise.all(checks)
      await (await sandbox?.catch(() => undefined))?.close()
    },
  }
  return session

  function settingsOf(profile: string | undefined): Settings | undefined {
    try {
      return loadSettings(host, session.directory, profile).settings
    } catch (error) {
      if (error instanceof ConfigError) return undefined
      throw error
    }
  }

  function connectionOf(host: NetworkHost, config: Config, user: string | undefined): SessionConnection {
    host.redactor.add(config.clientSecret?.reveal() ?? '')
    addSecret(host.redactor, config.databaseUrl?.reveal() ?? '')
    // Profiles with the same application share its token.
    const key = JSON.stringify([tokenKey(config), config.tokenCache, config.cacheDir])
    let token = tokens.get(key)
    if (!token) {
      token = tokenSourceOf(host, config, debug, warn)
      tokens.set(key, token)
    }
    const acting = createActingUser(host, config)
    return {
      ...{ config, token, retryBudget: createRetryBudget(), noteUser: acting.note },
      get user() {
        return config.impersonate ?? user ?? acting.read()
      },
    }
  }
}

/** The nearest folder upwards that has a `package.json`; `start` if there is none. */
export function projectDirectory(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json'))) return directory
    if (directory === dirname(directory)) return start
  }
}

// --- internal ---

/** Exit code when an entry of a bulk failed, is unknown or was not sent. A worse failure overrides it. */
const INCOMPLETE_EXIT_CODE = 5

function sandboxNotice(start: string): string {
  return (
    'Nothing is configured, so this uses the embedded sandbox: a stand-in with invented data. ' +
    `To use your server, run \`${start} init\`, or copy .env.example to .env.\n`
  )
}

/** The sandbox tells its addresses; the environment may set how it is used. */
function sandboxSettings(loaded: LoadedSettings, reached: Readonly<Record<string, string>>): LoadedSettings {
  const modes = Object.entries(loaded.settings).filter(([name]) => MODES.has(name))
  const settings: Settings = {
    ...Object.fromEntries(modes),
    ...Object.fromEntries(Object.entries(reached).map(([name, value]) => [name, { value, directory: '' }])),
  }
  return { profile: loaded.profile, settings }
}

const MODES = new Set([
  'WFG_IMPERSONATE',
  'WFG_IMPERSONATE_HEADER',
  'WFG_TIMEOUT_MS',
  'WFG_CONCURRENCY',
  'WFG_DRY_RUN',
  'WFG_PROTECTED',
])
