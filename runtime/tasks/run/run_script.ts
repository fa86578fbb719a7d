/** Runs one script: its arguments are checked, it is imported and run, its result is written. */

import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { quotedPath } from '../../core/visible.ts'
import { inFlightNotice } from '../../graphql/client/call_errors.ts'
import type { Host } from '../../host/host.ts'
import type { Script } from '../../script/define.ts'
import { importScript, readScriptFile, type ScriptFile } from '../../script/script_file.ts'
import { type AskedArguments, readArguments } from '../arguments/script_arguments.ts'
import { startCommand } from '../arguments/start_command.ts'
import { type ToolFlags, toolFlags } from '../arguments/tool_flags.ts'
import type { OutFile } from '../output/out_file.ts'
import { loadFormat, outputOptions } from '../output/sink.ts'
import { writeResult } from '../output/write_result.ts'
import { isolation } from './isolation.ts'
import type { Lifecycle } from './lifecycle.ts'
import { openForWriting } from './open_for_writing.ts'
import { createProgress } from './progress.ts'
import { contextFor, createLog } from './script_context.ts'
import type { Definition, PreparedScript, ScriptRun } from './script_run.ts'
import { runSettings, type Session } from './session.ts'

/**
 * Imports a `defineScript` file and checks its arguments. A plain file is only read.
 *
 * @throws {UsageError} `WFG_USAGE`
 */
export async function prepareScript(session: Session, run: ScriptRun, lifecycle: Lifecycle): Promise<PreparedScript> {
  const { signal } = lifecycle
  const file = readScriptFile(run.file)
  if (!file.defines) refuseResult(run)
  if (run.isolated) {
    await loadFormat(session.host, file.defines ? run.flags : {})
    return { run, file, definition: await (await isolation()).prepare(session, run, file, lifecycle) }
  }
  if (!file.defines) {
    if (session.recording && run.isNamed) session.recording.facts.argv = run.argv
    return { run, file, definition: undefined }
  }
  const definition = await asScript(session, run, file, { signal }, async () => {
    const script = (await importScript(file).catch((error) => throwMissing(error, session.host)))!
    return { script, args: await argumentsOf(session, script, run, signal) }
  })
  await loadFormat(session.host, run.flags)
  return { run, file, definition }
}

/** @returns the number of rows of the result; undefined for a plain file, which prints by itself */
export async function runPrepared(
  session: Session,
  { run, file, definition }: PreparedScript,
  lifecycle: Lifecycle,
): Promise<number | undefined> {
  const { host, clientContext } = session
  const tellInFlight = () => host.stderr.write(inFlightNotice(clientContext.inFlight))
  lifecycle.abandon.add(tellInFlight)
  session.recording?.begin()
  if (run.isolated) {
    return runIsolated(session, { run, file, definition }, lifecycle).finally(() =>
      lifecycle.abandon.delete(tellInFlight),
    )
  }
  return asScript(session, run, file, lifecycle, async () => {
    if (definition) return runDefinition(session, definition, run, lifecycle)
    // A plain file prints by itself, and may end the process at any time.
    host.writeAtOnce()
    await importScript(file)
    await warnOfUnusedFlags(host, run)
    await lifecycle.untilIdle()
    return undefined
  }).finally(() => lifecycle.abandon.delete(tellInFlight))
}

/** Runs work of a command as if it were a script: with its guards, its result and its interruption. */
export async function runInline(
  session: Session,
  work: Script['run'],
  { access, flags }: Pick<ScriptRun, 'access' | 'flags'>,
  lifecycle: Lifecycle,
): Promise<void> {
  session.runSettings = runSettings(flags, access, lifecycle.signal)
  await loadFormat(session.host, flags)
  if (access === 'write') await openForWriting(session, flags, lifecycle.signal)
  const run = { name: '', file: '', access, argv: [], flags, isNamed: true }
  await runDefinition(session, { script: { run: work }, args: {} }, run, lifecycle)
}

/** A plain file prints its own result, so the flags for a result have no effect. */
export async function warnOfUnusedFlags(
  host: Pick<Host, 'stderr'>,
  { flags, isNamed, name }: Pick<ScriptRun, 'flags' | 'isNamed' | 'name'>,
): Promise<void> {
  const given = toolFlags.filter((flag) => FOR_RESULTS.includes(flag.key) && flags[flag.key] !== undefined)
  if (given.length === 0 || !isNamed || flags.quiet) return
  await host.stderr.write(
    `warning: ${given.map((flag) => `--${flag.name}`).join(', ')} had no effect: ${quotedPath(name)} is a plain file, and what it prints is its result. A defineScript takes these flags.\n`,
  )
}

// --- internal ---

/** Nothing has run yet, so that the command can start again when a missing package was added. */
async function throwMissing(error: unknown, { runtime }: Pick<Host, 'runtime'>): Promise<never> {
  const { missingPackages } = await import('../../host/optional_packages.ts')
  throw missingPackages(error, runtime) ?? error
}

/** Like `asScript`, without what prepares this process for the script. */
async function runIsolated(
  session: Session,
  { run, file, definition }: PreparedScript,
  lifecycle: Lifecycle,
): Promise<number | undefined> {
  const { confirmed } = session.runSettings
  session.runSettings = { ...runSettings(run.flags, run.access, lifecycle.signal), confirmed }
  if (file.defines) return runDefinition(session, definition!, run, lifecycle)
  const { format, out, raw, argsFile, ...flags } = run.flags
  await runDefinition(session, definition!, { ...run, flags }, lifecycle)
  await warnOfUnusedFlags(session.host, run)
  return undefined
}

/** A call of one of Deno's globals that ask a person. Defining them needlessly does no harm. */
const PROMPTS = /(?<![.\w$])(?:prompt|confirm|alert)\s*\(/

const FOR_RESULTS: readonly (keyof ToolFlags)[] = ['format', 'out', 'raw', 'argsFile']

async function argumentsOf(
  { host, askArguments, recording }: Session,
  script: Script,
  run: ScriptRun,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { name, argv, args, flags, command = `${startCommand(host)} ${name}`, isPicked = false, isNamed } = run
  const ask = isNamed && askArguments ? (asked: AskedArguments) => askArguments(host, asked) : undefined
  const asking = { ask, isPicked, command, noColor: flags.noColor ?? false, signal }
  const found = await readArguments(host, script, { name, argv, args, argsFile: flags.argsFile }, asking)
  if (recording && isNamed) recording.facts.given = { parameters: found.parameters, values: found.given.values }
  return found.args
}

/** Refuses `args` and `out` of a plain file, which has no schema and no result. */
function refuseResult({ name, args, isNamed, flags }: ScriptRun): void {
  const given = [...(args === undefined ? [] : ['"args"']), ...(isNamed || flags.out === undefined ? [] : ['"out"'])]
  if (given.length === 0) return
  throw new UsageError(
    `Cannot use the ${given.join(' and ')} of ${JSON.stringify(name)} in tasks.ts: its script is a plain file, which has neither a schema nor a result; make it a defineScript.`,
  )
}

/** Imports or runs a script with its access, its arguments, its console and the globals that it uses. */
async function asScript<T>(
  session: Session,
  run: ScriptRun,
  file: ScriptFile,
  { signal, force }: { readonly signal: AbortSignal; readonly force?: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const { host } = session
  const confirmed = session.runSettings.confirmed ?? run.flags.confirm
  session.runSettings = { ...runSettings(run.flags, run.access, signal), confirmed }
  const undo: (() => void)[] = []
  // Few sources contain the word. Only they are parsed to see whether they use the global.
  if (host.runtime !== 'deno' && file.source.includes('Deno')) {
    const { provideDeno } = await import('../../script/deno/global.ts')
    undo.push(await provideDeno(file.source, host, force))
  }
  if (host.runtime === 'node' && PROMPTS.test(file.source)) {
    const { providePrompts } = await import('../../script/deno/prompts.ts')
    undo.push(providePrompts(host))
  }
  // A plain file's console is its result; a needed task's result goes nowhere.
  if (file.defines || !run.isNamed) undo.push(host.redirectConsole())
  host.setArgv(run.argv)
  try {
    return await work()
  } finally {
    for (const each of undo) each()
  }
}

async function runDefinition(
  session: Session,
  { script, args }: Definition,
  run: ScriptRun,
  lifecycle: Lifecycle,
): Promise<number> {
  const { host } = session
  const { flags } = run
  const log = createLog(host, flags)
  const progress = createProgress(host, flags)
  const out = await openOut(session, run, args, log.warn)
  const abandon = async (): Promise<void> => {
    const partial = await out?.abandon()
    if (partial !== undefined) await host.stderr.write(`What was written so far is in ${quotedPath(partial)}.\n`)
  }
  if (out) lifecycle.abandon.add(abandon)
  const summary =
    run.isNamed && host.env['GITHUB_STEP_SUMMARY']
      ? (await import('./github_actions.ts')).stepSummary(host, run.name)
      : undefined
  try {
    const context = contextFor(session, args, flags, lifecycle, { log, progress: progress.show })
    const result: unknown = await script.run(context)
    lifecycle.signal.throwIfAborted()
    const rows = await writeResult(result, {
      ...outputOptions(host, flags, out, run.isNamed),
      name: run.name,
      warn: log.warn,
      ...(summary && { seen: summary.seen }),
      signal: lifecycle.signal,
      after: host.after,
    })
    if (out) lifecycle.abandon.delete(abandon)
    await out?.commit()
    await summary?.write(true)
    return rows
  } catch (error) {
    if (lifecycle.abandon.delete(abandon)) await abandon()
    await summary?.write(false)
    throw error
  } finally {
    progress.end()
  }
}

/** A dry run writes no file: its made-up values must not replace real ones. */
async function openOut(
  session: Session,
  { flags, isNamed }: ScriptRun,
  args: Readonly<Record<string, unknown>>,
  warn: (text: string) => void,
): Promise<OutFile | undefined> {
  if (flags.out === undefined) return undefined
  if (flags.dryRun || session.isDry(flags.profile)) {
    warn(`dry run: ${quotedPath(flags.out)} is not written${isNamed ? '; the result goes to standard output' : ''}`)
    return undefined
  }
  const pathOf = (name: string) => resolve(session.host.cwd(), name)
  const path = pathOf(flags.out)
  if (Object.values(args).some((value) => typeof value === 'string' && value !== '' && pathOf(value) === path))
    throw new UsageError(
      `Cannot write ${quotedPath(flags.out)}: an argument of the task names it too; name another file`,
    )
  // A folder in tasks.ts is no typing mistake, so it is created.
  if (!isNamed) mkdirSync(dirname(path), { recursive: true })
  const { openOutFile } = await import('../output/out_file.ts')
  return openOutFile(path)
}
