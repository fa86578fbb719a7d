/** Runs the same task again, with the same arguments and the same profile. */

import { existsSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { RefusedError, UsageError } from '../core/errors.ts'
import { quotedPath, visible } from '../core/visible.ts'
import { typedWord } from '../host/user_shell.ts'
import { knownPath } from '../host/windows_name.ts'
import { readScriptFile } from '../script/script_file.ts'
import { DEFAULT_PROFILE } from '../settings/settings.ts'
import { startCommand } from '../tasks/arguments/start_command.ts'
import type { ToolFlags } from '../tasks/arguments/tool_flags.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import { runTarget } from '../tasks/run/run.ts'
import { confirm } from '../tasks/run/script_context.ts'
import { findTarget, type Target } from '../tasks/run/target.ts'
import type { KnownRun } from './find_runs.ts'

/**
 * @throws {UsageError} `WFG_USAGE` if that is no longer possible, or an argument was a secret
 * @throws {RefusedError} `WFG_REFUSED` for a run that still goes on, and for a task that can write if nobody agrees
 */
export async function runAgain(call: CommandCall, run: KnownRun): Promise<void> {
  const { flags } = call
  const cannot = `Cannot run ${run.id} again`
  const profile = run.profile === DEFAULT_PROFILE ? undefined : run.profile
  if (flags.profile !== undefined && flags.profile !== run.profile) {
    throw new UsageError(
      `${cannot} with another profile: it had ${JSON.stringify(run.profile ?? DEFAULT_PROFILE)}. Run the task by its name for another one.`,
    )
  }
  if (flags.argsFile !== undefined) throw new UsageError(`${cannot} with --args-file: it uses the same arguments.`)
  if (run.outcome === 'running') {
    throw new RefusedError(
      `${cannot}: it still runs${run.host === undefined ? '' : ` on ${run.host}`}. Wait until it has ended.`,
    )
  }
  const target = targetOf(call, run, cannot)
  const { args, argv } = argumentsOf(call, run, target, cannot)
  const asBefore = {
    ...flags,
    ...(profile === undefined ? {} : { profile }),
    ...(run.dryRun ? { dryRun: true } : {}),
    ...isolationOf(run),
  }
  await agree({ ...call, flags: asBefore }, target, run)
  if (!flags.quiet) {
    const given = args ?? (argv.length > 0 ? argv : undefined)
    const shown = given === undefined ? '' : ` with ${visible(JSON.stringify(given))}`
    await call.host.stderr.write(`Running ${JSON.stringify(run.task ?? run.file)} again${shown}.\n`)
  }
  await runTarget({ ...call, flags: asBefore }, target, { name: run.task ?? run.file!, argv, args })
}

// --- internal ---

/** A run that was isolated is so again, whatever the file has become. */
function isolationOf({ isolated, mutations }: KnownRun): ToolFlags {
  return { ...(isolated ? { isolated } : {}), ...(mutations === undefined ? {} : { mutations }) }
}

/** Asks before a task that can write runs again. */
async function agree(
  { host, flags, lifecycle, loadSession }: CommandCall,
  target: Target,
  run: KnownRun,
): Promise<void> {
  if ('task' in target && target.task.access === 'read') return
  if (flags.dryRun || (await loadSession()).isDry(flags.profile)) return
  const name = JSON.stringify(run.task ?? run.file)
  const profile = JSON.stringify(run.profile ?? DEFAULT_PROFILE)
  const question = `${name} can write, and its run of ${run.startedAt.slice(0, 16)}Z (profile ${profile}) ended: ${run.outcome}. Run it again?`
  if (await confirm(host, flags, question, lifecycle.signal)) return
  throw new RefusedError(`Refused to run ${name} again: the answer was no. Nothing was sent.`)
}

function targetOf({ host, registry }: CommandCall, run: KnownRun, cannot: string): Target {
  if (run.isLocal && run.directory !== knownPath(registry.directory)) {
    throw new UsageError(`${cannot}: it ran in ${quotedPath(run.directory)}. Do it there.`)
  }
  const name = JSON.stringify(run.task ?? run.file)
  if (run.task !== undefined) {
    const task = registry.tasks.get(run.task)
    if (task) return { task }
    throw new UsageError(
      `${cannot}: the task ${name} is no longer in tasks.ts. \`${startCommand(host)}\` lists the tasks.`,
    )
  }
  const file = resolve(registry.directory, run.file ?? '')
  if (run.file === undefined || !existsSync(file)) throw new UsageError(`${cannot}: the file ${name} no longer exists.`)
  // Under Deno, a script with few rights may be able to write the history, and `again` runs with all rights. deno.json lets
  // it write into .wfg.
  if (!isIn(registry.directory, file) || isIn(join(registry.directory, '.wfg'), file)) {
    throw new UsageError(`${cannot}: the file ${name} is not part of this project. Run it by its name if you trust it.`)
  }
  return findTarget({ ...host, cwd: () => registry.directory }, registry, run.file)
}

/** True if the file is in the folder, by whichever name Windows knows that. */
function isIn(folder: string, file: string): boolean {
  const path = relative(knownPath(folder), knownPath(file))
  return !isAbsolute(path) && path.split(sep)[0] !== '..'
}

function argumentsOf({ host }: CommandCall, run: KnownRun, target: Target, cannot: string) {
  const byName = `Run it by its name: \`${startCommand(host)} ${run.task ?? `run ${typedWord(run.file ?? '')}`} …\`.`
  if (run.withheld === 'secret') throw new UsageError(`${cannot}: an argument was a secret and was not kept. ${byName}`)
  if (run.withheld === 'long') throw new UsageError(`${cannot}: its arguments were too long to be kept. ${byName}`)
  const file = 'task' in target ? target.task.script : target.file
  if (file === undefined) return { argv: [], args: undefined }
  const { args, argv } = run
  if (args === undefined && argv === undefined) {
    const why = run.isLocal
      ? 'it ended before its arguments were accepted, so none were kept'
      : `its arguments are not in the database; ${run.host ?? 'the computer where it ran'} may have them`
    throw new UsageError(`${cannot}: ${why}. ${byName}`)
  }
  const given = args !== undefined && Object.keys(args).length > 0 ? args : undefined
  if (given && !readScriptFile(file).defines) {
    throw new UsageError(
      `${cannot}: its script was a defineScript and is now a plain file, which takes arguments in another way. ${byName}`,
    )
  }
  return { argv: argv ?? [], args: given }
}
