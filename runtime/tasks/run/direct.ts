/**
 * A script that was started directly (`npx tsx scripts/x.ts`): it runs as `run scripts/x.ts` would. Nothing here happens
 * in a process that `tasks.ts` started, or if a program merely imports `#wfg`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { RefusedError, UsageError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import { quotedPath } from '../../core/visible.ts'
import { inFlightNotice } from '../../graphql/client/call_errors.ts'
import { typedWord } from '../../host/user_shell.ts'
import { knownPath } from '../../host/windows_name.ts'
import type { Script } from '../../script/define.ts'
import { startCommand } from '../arguments/start_command.ts'
import { checkOut, type ToolFlags, takeToolFlags } from '../arguments/tool_flags.ts'
import { startRecording } from '../history/recording.ts'
import { checkRegistry } from '../registry/check_registry.ts'
import type { Registry, Task } from '../registry/registry.ts'
import { explained, withoutMain } from './direct_limits.ts'
import { exitCodeOf, tellFailure } from './failure.ts'
import { conduct, endWhenAsked, neverFinished } from './lifecycle.ts'
import { openForWriting } from './open_for_writing.ts'
import { runTarget, subjectOf } from './run.ts'
import { warnOfUnusedFlags } from './run_script.ts'
import { runSettings, type Session } from './session.ts'
import { taskOfFile } from './target.ts'

export interface DirectStart {
  /** Called by all that may throw before the first call. From then on uncaught errors print as everywhere. */
  begin(): void
  scriptDefined(script: Script, stack: string): void
}

/** @param isDirect whether no command line runs this process */
export function createDirectStart(session: Session, isDirect: () => boolean): DirectStart {
  const { host } = session
  const { program } = host
  if (program === undefined) return { begin() {}, scriptDefined() {} }
  const taken = take(host.commandLine)
  const subject = `The script ${quotedPath(program)}`
  let begun = false
  let definesScript = false
  let prepared: Promise<void> | undefined
  const isPlainFile = () => !definesScript && isDirect()
  // A program that reaches this through another module may have flags of its own: its arguments are left alone.
  const source = isDirect() ? sourceThatImportsUs(program) : undefined
  if (source !== undefined && taken.flags) host.setArgv(taken.rest)

  const begin = (): void => {
    if (begun || !isPlainFile()) return
    begun = true
    host.writeAtOnce()
    host.onUncaught((thrown) => {
      const error = explained(host, thrown)
      session.recording?.failed(error)
      // The exit handler prints why the file was ended.
      if (error instanceof Interruption) host.exit(error.exitCode)
      // An error after a request to end is printed, and the exit code stays that of the request.
      const reason: unknown = session.runSettings.signal?.reason
      const exitCode = exitCodeOf(reason instanceof Interruption ? reason : error)
      void tellFailure(host, error, subject).finally(() => host.exit(exitCode))
    })
    host.onExit((code) => {
      if (code !== UNSETTLED) return
      host.setExitCode(1)
      void host.stderr.write(neverFinished(subject))
    })
  }
  const refusal = source === undefined ? undefined : withoutMain(host, source)
  if (refusal) {
    begin()
    throw refusal
  }
  session.prepare = async () => {
    if (!isPlainFile()) return
    begin()
    prepared ??= preparePlainFile(session, program, taken)
    await prepared
  }
  return {
    begin,
    scriptDefined(_script, stack) {
      // Deno loads a file that was started by a link, and then runs by its own path, as two modules.
      if (!isPlainFile() || !isFirstCaller(stack, program)) return
      definesScript = true
      // After the module has been evaluated: by then its default export exists.
      host.after(0, () => {
        void conduct(host, subject, taken.flags?.timeoutMs, async (lifecycle) => {
          const flags = flagsOf(taken)
          checkOut(flags)
          const found = await registeredAs(session, program)
          if (await answersOnly(session, program, flags, found?.task)) return
          if (found) refuseIsolated(program, found.task, host)
          const call = { flags, lifecycle, registry: found?.registry, loadSession: async () => session }
          const command = startCommand(host, relative(host.cwd(), program))
          if (found) await runTarget(call, found, { name: found.task.name, argv: taken.rest })
          else await runTarget(call, { file: program }, { name: program, argv: taken.rest, command })
        })
      })
    },
  }
}

// --- internal ---

/** Node's exit code for a top-level await that nothing can settle any more. */
const UNSETTLED = 13

interface Taken {
  readonly flags: ToolFlags | undefined
  readonly rest: readonly string[]
  readonly error?: unknown
}

function sourceThatImportsUs(program: string): string | undefined {
  const source = existsSync(program) ? readFileSync(program, 'utf8') : ''
  return /['"](?:#wfg|wfg-scripts)['"]/.test(source) ? source : undefined
}

/** Importing must not throw, so a wrong flag is reported when the flags are used. */
function take(argv: readonly string[]): Taken {
  try {
    return takeToolFlags(argv)
  } catch (error) {
    return { flags: undefined, rest: argv, error }
  }
}

function flagsOf({ flags, error }: Taken): ToolFlags {
  if (!flags) throw error
  return flags
}

/** Line 0 of the stack names the error, line 1 `defineScript` itself, line 2 its caller. */
function isFirstCaller(stack: string, program: string): boolean {
  const caller = stack.split('\n')[2] ?? ''
  if (caller.includes(`${program}:`) || caller.includes(`${pathToFileURL(program).href}:`)) return true
  // Deno decodes the name of the file.
  const url = /file:\/\/.+(?=:\d+:\d+)/.exec(caller)?.[0].replace(/%(?![0-9a-f]{2})/gi, '%25')
  return url !== undefined && knownPath(fileURLToPath(url)) === knownPath(program)
}

/** Does what `run` does before it imports a plain file, at the first call of the file that is running already. */
async function preparePlainFile(session: Session, program: string, taken: Taken): Promise<void> {
  const { host } = session
  const flags = flagsOf(taken)
  const task = (await registeredAs(session, program))?.task
  if (await answersOnly(session, program, flags, task)) host.exit(0)
  if (task) refuseIsolated(program, task, host)
  const access = task?.access ?? 'write'
  const controller = new AbortController()
  session.runSettings = runSettings(flags, access, controller.signal)
  const recording = startRecording(session, task ? { task: task.name, flags } : { file: program, flags })
  session.recording = recording
  recording.facts.argv = taken.rest
  recording.begin()
  endWhenAsked(host, flags.timeoutMs, controller, () =>
    host.redactor.text(inFlightNotice(session.clientContext.inFlight)),
  )
  if (task?.needs.length && !flags.quiet) {
    await host.stderr.write(
      `${subjectOf(task.name)} needs ${task.needs.map((need) => need.task).join(', ')}, which did not run because its file was started directly.\n`,
    )
  }
  if (flags.keep) {
    const command = `${startCommand(host)} run ${typedWord(relative(host.cwd(), program))} --keep`
    await host.stderr.write(`warning: --keep had no effect: a plain file was started directly. Type \`${command}\`.\n`)
  }
  await warnOfUnusedFlags(host, { name: relative(host.cwd(), program), flags, isNamed: true })
  if (access === 'write') await openForWriting(session, flags, controller.signal)
}

/** A file that is started directly is loaded already, with all rights of this process. */
function refuseIsolated(program: string, { name, isolated }: Task, host: Session['host']): void {
  if (!isolated) return
  throw new RefusedError(
    `Refused to run ${quotedPath(program)}: tasks.ts isolates it, and a file that was started directly is not isolated. Nothing was sent. Type \`${startCommand(host)} ${name}\`.`,
  )
}

/** Answers `--version` and `--help` in place of running the script. */
async function answersOnly(
  { host }: Session,
  program: string,
  flags: ToolFlags,
  task: Task | undefined,
): Promise<boolean> {
  if (flags.version) await host.stdout.write(`${host.versions}\n`)
  else if (flags.help) {
    const { showHelp } = await import('../arguments/script_help.ts')
    await showHelp(host, { command: startCommand(host, relative(host.cwd(), program)), name: '', file: program, task })
  } else return false
  return true
}

/** A file that is started directly has the access and the needs of its entry in `tasks.ts`, too. */
async function registeredAs(
  session: Session,
  program: string,
): Promise<{ registry: Registry; task: Task } | undefined> {
  const path = join(session.directory, 'tasks.ts')
  if (!existsSync(path)) return undefined
  const module = (await import(pathToFileURL(path).href)) as { tasks?: Registry }
  const registry = module.tasks
  if (!registry) {
    throw new UsageError(
      `Cannot tell what the script may do: ${quotedPath(path)} exports no tasks; write \`export const tasks = defineTasks(…)\` in it.`,
    )
  }
  await checkRegistry(registry, [])
  const task = taskOfFile(registry, program)
  return task && { registry, task }
}
