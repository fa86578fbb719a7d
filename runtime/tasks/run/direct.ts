/**
 * A script that was started directly (`npx tsx scripts/x.ts`): it runs as `run scripts/x.ts` would. Nothing of this
 * happens in a process that `tasks.ts` started, nor where a program merely imports `#wfg`.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import { unanswered } from '../../graphql/client/call_errors.ts'
import type { Script } from '../../script/define.ts'
import { startCommand } from '../arguments/start_command.ts'
import { checkOut, type ToolFlags, takeToolFlags } from '../arguments/tool_flags.ts'
import { startRecording } from '../history/recording.ts'
import type { Recording } from '../history/run_facts.ts'
import { checkRegistry } from '../registry/check_registry.ts'
import type { Registry, Task } from '../registry/registry.ts'
import { explained, withoutMain } from './direct_limits.ts'
import { exitCodeOf, tellFailure } from './failure.ts'
import { conduct, type Lifecycle, neverFinished } from './lifecycle.ts'
import { runTask, subjectOf } from './needs.ts'
import { openForWriting } from './open_for_writing.ts'
import { runScript, runSettings, sayWithoutEffect } from './run.ts'
import type { Session } from './session.ts'

export interface DirectStart {
  /** Called by whatever may throw before the first call: from now on errors that nobody catches print as everywhere. */
  begin(): void
  scriptDefined(script: Script, stack: string): void
}

/**
 * @param isDirect whether no command line runs this process
 */
export function createDirectStart(session: Session, isDirect: () => boolean): DirectStart {
  const { host } = session
  const { program } = host
  const taken = take(host.commandLine)
  let begun = false
  let definesScript = false
  let prepared: Promise<void> | undefined
  // A program that reaches this through another module may have flags of its own: its arguments are left alone.
  const source = program !== undefined && isDirect() ? sourceThatImportsUs(program) : undefined
  if (source !== undefined && taken.flags) host.setArgv(taken.rest)

  const begin = (): void => {
    if (begun || definesScript || program === undefined || !isDirect()) return
    begun = true
    host.writeAtOnce()
    host.onUncaught((thrown) => {
      const error = explained(host, thrown)
      session.recording?.failed(error)
      // What ended it is said at its end.
      if (error instanceof Interruption) host.exit(error.exitCode)
      // What follows a request to end is told, and does not change that it was ended.
      const reason: unknown = session.run.signal?.reason
      const exitCode = exitCodeOf(reason instanceof Interruption ? reason : error)
      void tellFailure(host, error, `The script ${JSON.stringify(program)}`).finally(() => host.exit(exitCode))
    })
    host.onExit((code) => {
      if (code !== UNSETTLED) return
      host.setExitCode(1)
      void host.stderr.write(neverFinished(`The script ${JSON.stringify(program)}`))
    })
  }
  const refusal = source === undefined ? undefined : withoutMain(host, source)
  if (refusal) {
    begin()
    throw refusal
  }
  session.prepare = async () => {
    if (definesScript || program === undefined || !isDirect()) return
    begin()
    prepared ??= preparePlainFile(session, program, taken)
    await prepared
  }
  return {
    begin,
    scriptDefined(_script, stack) {
      // Deno loads a file that was started by a link, and then runs by its own path, as two modules.
      if (definesScript || program === undefined || !isDirect() || !isFirstCaller(stack, program)) return
      definesScript = true
      // After the module has been evaluated: by then its default export is there.
      host.after(0, () => void runDirectly(session, program, taken))
    },
  }
}

// --- internal ---

/** Node's exit code for a top-level await that nothing can settle any more. */
const UNSETTLED = 13

interface Taken {
  readonly flags: ToolFlags | undefined
  readonly rest: readonly string[]
  readonly error: unknown
}

function sourceThatImportsUs(program: string): string | undefined {
  const source = existsSync(program) ? readFileSync(program, 'utf8') : ''
  return /['"](?:#wfg|wfg-scripts)['"]/.test(source) ? source : undefined
}

/** Importing must not throw, so a wrong flag is reported where the flags are used. */
function take(argv: readonly string[]): Taken {
  try {
    return { ...takeToolFlags(argv), error: undefined }
  } catch (error) {
    return { flags: undefined, rest: argv, error }
  }
}

function flagsOf({ flags, error }: Taken): ToolFlags {
  if (!flags) throw error
  return flags
}

/** Line 0 names the error, line 1 `defineScript` itself, line 2 whoever called it. */
function isFirstCaller(stack: string, program: string): boolean {
  const caller = stack.split('\n')[2] ?? ''
  if (caller.includes(`${program}:`) || caller.includes(`${pathToFileURL(program).href}:`)) return true
  const url = /file:\/\/[^\s()]+(?=:\d+:\d+)/.exec(caller)?.[0]
  return url !== undefined && existsSync(new URL(url)) && realpathSync(new URL(url)) === program
}

async function runDirectly(session: Session, program: string, taken: Taken): Promise<void> {
  const { host } = session
  await conduct(host, `The script ${JSON.stringify(program)}`, taken.flags?.timeoutMs, async (lifecycle) => {
    const flags = flagsOf(taken)
    checkOut(flags)
    const found = await registeredAs(session, program)
    if (await answersOnly(session, program, flags, found?.task)) return
    record(session, program, flags, found?.task, lifecycle)
    if (found) return runTask(session, found.registry, found.task, taken.rest, flags, lifecycle)
    const command = startCommand(host, relative(host.cwd(), program))
    const access = 'write' as const
    const run = { name: program, file: program, access, argv: taken.rest, flags, command, isNamed: true }
    await runScript(session, run, lifecycle)
  })
  await session.close()
}

/** What `run` does before it imports a plain file, done at the first call of the file that is running already. */
async function preparePlainFile(session: Session, program: string, taken: Taken): Promise<void> {
  const { host } = session
  const flags = flagsOf(taken)
  const found = await registeredAs(session, program)
  if (await answersOnly(session, program, flags, found?.task)) host.exit(0)
  const access = found?.task.access ?? 'write'
  const controller = new AbortController()
  session.run = runSettings(flags, access, controller.signal)
  const recording = record(session, program, flags, found?.task)
  recording.facts.argv = taken.rest
  await recording.begin()
  const { endWhenAsked } = await import('./direct_end.ts')
  endWhenAsked(host, flags.timeoutMs, controller, () => host.redactor.text(unanswered(session.clientContext.inFlight)))
  if (found?.task.needs.length && !flags.quiet) {
    await host.stderr.write(
      `${subjectOf(found.task.name)} needs ${found.task.needs.map((need) => need.task).join(', ')}, which did not run because its file was started directly.\n`,
    )
  }
  await sayWithoutEffect(host, { name: relative(host.cwd(), program), flags, isNamed: true })
  if (access === 'write') await openForWriting(session, flags, controller.signal)
}

function record(
  session: Session,
  program: string,
  flags: ToolFlags,
  task: Task | undefined,
  lifecycle?: Lifecycle,
): Recording {
  const recording = startRecording(session, task ? { task: task.name, flags } : { file: program, flags })
  session.recording = recording
  if (lifecycle) lifecycle.ended = recording.end
  return recording
}

/** Who asks for help or versions does not want the script's work done. */
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

/** Also a file that is started directly has the access and the needs of its entry. */
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
      `Cannot tell what the script may do: ${JSON.stringify(path)} exports no tasks; write \`export const tasks = defineTasks(…)\` in it.`,
    )
  }
  await checkRegistry(registry, [])
  const task = [...registry.tasks.values()].find(
    ({ script }) => script !== undefined && existsSync(script) && realpathSync(script) === program,
  )
  return task && { registry, task }
}
