/** Runs a script: its settings, its arguments, its work, its result. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { RefusedError, UsageError } from '../errors.ts'
import type { RunSettings } from '../graphql/connection.ts'
import type { Host } from '../host.ts'
import { parseArguments } from './arguments.ts'
import { mergeArguments } from './arguments_file.ts'
import { checkArguments } from './check_arguments.ts'
import { ask, confirm, createLog, createProgress } from './context.ts'
import type { Script, ScriptContext } from './define.ts'
import { provideDeno } from './deno_global.ts'
import type { Access } from './entry.ts'
import type { Lifecycle } from './lifecycle.ts'
import { formatOf } from './output/format.ts'
import { type OutFile, openOutFile } from './output/out_file.ts'
import type { Sink } from './output/sink.ts'
import { writeResult } from './output/write_result.ts'
import { isLoose, readParameters } from './schema.ts'
import { importScript, readScriptFile } from './script_file.ts'
import type { Session } from './session.ts'
import { createShell } from './shell.ts'
import { type ToolFlags, toolFlags } from './tool_flags.ts'

type Shell = ScriptContext<unknown>['$']

export interface ScriptRun {
  /** For messages: the task's name, or the file as it was given. */
  readonly name: string
  /** Absolute path. */
  readonly file: string
  readonly access: Access
  /** What is left of the command line without the tool's flags. */
  readonly argv: readonly string[]
  readonly flags: ToolFlags
  /** False for a task that another one needs: its result goes nowhere. */
  readonly isNamed: boolean
}

/** What the run says for every client of the process. */
export function runSettings(flags: ToolFlags, access: Access, signal: AbortSignal | undefined): RunSettings {
  return {
    profile: flags.profile,
    access,
    dryRun: flags.dryRun ?? false,
    confirmed: flags.confirm,
    verbose: flags.verbose ?? false,
    signal,
  }
}

/**
 * Before a task that can write: says to which server, and has a protected profile's name confirmed.
 *
 * @throws {ConfigError} `WFG_CONFIG`
 * @throws {RefusedError} `WFG_REFUSED` when the name was not confirmed
 */
export async function openForWriting(session: Session, flags: ToolFlags): Promise<void> {
  const { host } = session
  const { config, user } = await session.connect(flags.profile)
  const dry = flags.dryRun || config.dryRun
  const acting = user === undefined ? '' : `, as ${user}`
  const mode = dry ? ' (dry run: nothing is changed)' : ''
  if (!flags.quiet) {
    await host.stderr.write(
      host.redactor.text(`Profile ${JSON.stringify(config.profile)}: ${config.graphqlUrl.origin}${acting}${mode}\n`),
    )
  }
  if (!dry) session.run = { ...session.run, confirmed: await confirmProfile(host, config, flags) }
}

/**
 * @returns how many rows the result had; undefined for a plain file, which has none
 */
export async function runScript(session: Session, run: ScriptRun, lifecycle: Lifecycle): Promise<number | undefined> {
  const { host } = session
  const file = readScriptFile(run.file)
  const { signal } = lifecycle
  session.run = runSettings(run.flags, run.access, signal)
  const undo: (() => void)[] = [await provideDeno(file.source, host)]
  // A plain file's console is its result; a needed task's result goes nowhere.
  if (file.defines || !run.isNamed) undo.push(host.redirectConsole())
  host.setArgv(run.argv)
  try {
    // A plain file works by being imported, so what must come before its work comes before the import.
    if (!file.defines && run.access === 'write') await openForWriting(session, run.flags)
    const script = await importScript(file)
    if (!script) {
      await sayWithoutEffect(host, run)
      await lifecycle.untilIdle()
      return undefined
    }
    if (!file.defines && run.isNamed) undo.push(host.redirectConsole())
    const args = await argumentsFor(host, script, run)
    if (file.defines && run.access === 'write') await openForWriting(session, run.flags)
    return await runDefinition(session, script, args, run, lifecycle)
  } finally {
    for (const each of undo) each()
  }
}

/** Does work that is in no file with all that a script's `run` gets and has: guards, result, interruption. */
export async function runInline(
  session: Session,
  work: Script['run'],
  { access, flags }: Pick<ScriptRun, 'access' | 'flags'>,
  lifecycle: Lifecycle,
): Promise<void> {
  session.run = runSettings(flags, access, lifecycle.signal)
  if (access === 'write') await openForWriting(session, flags)
  const run = { name: '', file: '', access, argv: [], flags, isNamed: true }
  await runDefinition(session, { run: work }, {}, run, lifecycle)
}

/** Flags for a result have nothing to act on where the console is the result. */
export async function sayWithoutEffect(
  host: Pick<Host, 'stderr'>,
  { flags, isNamed, name }: Pick<ScriptRun, 'flags' | 'isNamed' | 'name'>,
): Promise<void> {
  const given = toolFlags.filter((flag) => FOR_RESULTS.includes(flag.key) && flags[flag.key] !== undefined)
  if (given.length === 0 || !isNamed || flags.quiet) return
  await host.stderr.write(
    `warning: ${given.map((flag) => `--${flag.name}`).join(', ')} had no effect: ${JSON.stringify(name)} is a plain file, and what it prints is its result. A defineScript takes these flags.\n`,
  )
}

// --- internal ---

const FOR_RESULTS: readonly (keyof ToolFlags)[] = ['format', 'out', 'raw', 'argsFile']

async function confirmProfile(host: Host, config: Config, flags: ToolFlags): Promise<string | undefined> {
  if (!config.protected || flags.confirm === config.profile) return flags.confirm
  const profile = JSON.stringify(config.profile)
  const typed =
    flags.confirm ??
    (await ask(host, `The profile ${profile} is protected. Type its name to let this task change data there: `))
  if (typed === config.profile) return typed
  const found = typed === undefined ? 'nobody is there to confirm it' : 'another name was given'
  throw new RefusedError(
    `Refused to start: the profile ${profile} is protected, and ${found}. ` +
      `Nothing was sent. Run it with --confirm ${config.profile} if it is meant for that server.`,
  )
}

async function argumentsFor(host: Host, script: Script, { argv, flags }: ScriptRun): Promise<Record<string, unknown>> {
  const parameters = readParameters(script.args, script.positionals)
  const fromFlags = parseArguments(parameters, argv)
  const given =
    flags.argsFile === undefined
      ? fromFlags
      : mergeArguments(parameters, await readArgumentsFile(host, flags.argsFile), fromFlags, {
          loose: script.args !== undefined && isLoose(script.args),
        })
  return checkArguments(script.args, given, parameters)
}

async function readArgumentsFile(host: Host, path: string): Promise<unknown> {
  const cannot = `Cannot read the arguments in ${JSON.stringify(path)}`
  let text: string
  try {
    text = path === '-' ? await host.stdin.readAll() : readFileSync(resolve(host.cwd(), path), 'utf8')
  } catch (error) {
    throw new UsageError(`${cannot}: ${(error as NodeJS.ErrnoException).code}; expected a JSON file that you may read.`)
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new UsageError(`${cannot}: it is no JSON; expected an object such as {"since": "2026-11-01"}.`)
  }
}

async function runDefinition(
  session: Session,
  script: Pick<Script, 'run'>,
  args: Record<string, unknown>,
  run: ScriptRun,
  lifecycle: Lifecycle,
): Promise<number> {
  const { host } = session
  const { flags } = run
  const log = createLog(host, flags)
  const progress = createProgress(host, flags)
  const out = await openOut(session, run, log.warn)
  const abandon = async (): Promise<void> => {
    const partial = await out?.abandon()
    if (partial !== undefined) await host.stderr.write(`What was written so far is in ${JSON.stringify(partial)}.\n`)
  }
  if (out) lifecycle.abandon.add(abandon)
  try {
    const result: unknown = await script.run(contextFor(session, args, run, lifecycle, log, progress.show))
    lifecycle.signal.throwIfAborted()
    const { rows } = await writeResult(result, {
      format: flags.format ?? (flags.out === undefined ? undefined : (formatOf(flags.out) ?? 'ndjson')),
      sink: run.isNamed ? redacting(out?.sink ?? host.stdout, host) : NOWHERE,
      raw: flags.raw ?? false,
      redact: (text) => host.redactor.text(text),
      warn: log.warn,
      signal: lifecycle.signal,
      after: host.after,
    })
    if (out) lifecycle.abandon.delete(abandon)
    await out?.commit()
    return rows
  } catch (error) {
    if (lifecycle.abandon.delete(abandon)) await abandon()
    throw error
  } finally {
    progress.end()
  }
}

function contextFor(
  session: Session,
  args: Record<string, unknown>,
  { flags }: ScriptRun,
  { signal, force }: Lifecycle,
  log: ScriptContext<unknown>['log'],
  progress: ScriptContext<unknown>['progress'],
): ScriptContext<never> {
  const { host, wfg } = session
  let shell: Shell | undefined
  return {
    args: args as never,
    wfg,
    token: { get: async () => (await session.connect(undefined)).token.get({ signal }) },
    async server() {
      const { config } = await session.connect(undefined)
      return { profile: config.profile, url: config.graphqlUrl.href, dryRun: flags.dryRun || config.dryRun }
    },
    log,
    progress,
    confirm: (question) => confirm(host, flags, question),
    signal,
    get $() {
      if (!shell) shell = createShell(host, { signal, force })
      return shell
    },
  }
}

/** In a dry run nothing is written anywhere: invented nulls must not replace a file that somebody uses. */
async function openOut(
  session: Session,
  { flags, isNamed }: ScriptRun,
  warn: (text: string) => void,
): Promise<OutFile | undefined> {
  if (flags.out === undefined || !isNamed) return undefined
  if (!flags.dryRun && !session.isDry(flags.profile)) return openOutFile(resolve(session.host.cwd(), flags.out))
  warn(`dry run: ${JSON.stringify(flags.out)} is not written; the result goes to standard output`)
  return undefined
}

const NOWHERE: Sink = { isTTY: false, columns: undefined, closed: false, write: async () => {} }

function redacting(sink: Sink, host: Pick<Host, 'redactor'>): Sink {
  return {
    get isTTY() {
      return sink.isTTY
    },
    get columns() {
      return sink.columns
    },
    get closed() {
      return sink.closed
    },
    write: (text) => sink.write(host.redactor.text(text)),
  }
}
