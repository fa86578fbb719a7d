/** One run from its record to its result: a task after what it needs, or one file. */

import { resolve } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { Interruption } from '../../core/interruption.ts'
import { quotedPath } from '../../core/visible.ts'
import { typedWord } from '../../host/user_shell.ts'
import { parseArguments } from '../arguments/arguments.ts'
import { checkArguments } from '../arguments/check_arguments.ts'
import { startCommand } from '../arguments/start_command.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import { startRecording } from '../history/recording.ts'
import type { Access } from '../registry/entry.ts'
import { grantsOfRun, grantsText } from '../registry/grants.ts'
import type { Registry, Task } from '../registry/registry.ts'
import type { CommandCall } from './command_call.ts'
import { exitCodeOf } from './failure.ts'
import { inOrder, type Step } from './needs.ts'
import { openForWriting } from './open_for_writing.ts'
import { prepareScript, runPrepared } from './run_script.ts'
import type { PreparedScript, ScriptRun } from './script_run.ts'
import type { Session } from './session.ts'
import type { Target } from './target.ts'

export interface TargetCall extends Pick<ScriptRun, 'args' | 'argv' | 'isPicked'> {
  /** As it was given, for messages. */
  readonly name: string
  /** What precedes the arguments of a file on a command line. Default: `run` and the name. */
  readonly command?: string
  /** Id of its record. Default: a new one. */
  readonly id?: string
}

/**
 * Runs a task or a file, and records the run. Everything is checked, and the server confirmed, before the first script runs.
 * Only the task's own result is shown. Each task that it needs leaves one line on standard error.
 */
export async function runTarget(
  { flags, lifecycle, loadSession, registry }: RunCall,
  target: Target,
  call: TargetCall,
): Promise<void> {
  const { id, name, command } = call
  lifecycle.subject = 'task' in target ? subjectOf(target.task.name) : `The script ${quotedPath(name)}`
  const session = await loadSession()
  const { ended } = lifecycle
  const recording = startRecording(session, {
    ...('task' in target ? { task: target.task.name } : { file: target.file }),
    ...{ flags, id },
  })
  session.recording = recording
  lifecycle.ended = async (error) => {
    await recording.end(error)
    await ended?.(error)
  }
  try {
    await recording.keep()
    if ('task' in target) await runSteps(session, inOrder(registry!, target.task), call, { flags, lifecycle })
    else {
      const access: Access = flags.isolated && flags.mutations === undefined ? 'read' : 'write'
      const task = { name, script: target.file, access, isolated: undefined }
      const given = { ...call, command: command ?? `${startCommand(session.host)} run ${typedWord(name)}` }
      await runSteps(session, [{ task }], given, { flags, lifecycle, subject: lifecycle.subject })
    }
  } finally {
    await session.close()
  }
}

export function subjectOf(name: string): string {
  return `The task ${JSON.stringify(name)}`
}

// --- internal ---

interface RunCall extends Pick<CommandCall, 'flags' | 'lifecycle' | 'loadSession'> {
  /** Undefined if the target is a file. */
  readonly registry: Registry | undefined
}

/** A step of a task, or the file that is run alone. */
interface ScriptStep extends Omit<Step, 'task'> {
  readonly task: Pick<Task, 'name' | 'script' | 'access' | 'isolated'>
}

interface StepsCall extends Pick<CommandCall, 'flags' | 'lifecycle'> {
  /** Default: the task of the step. */
  readonly subject?: string
}

async function runSteps(
  session: Session,
  steps: readonly ScriptStep[],
  { argv, args, isPicked, command }: TargetCall,
  { flags, lifecycle, subject }: StepsCall,
): Promise<void> {
  const { host } = session
  const { task } = steps.at(-1)!
  if (flags.mutations !== undefined && !flags.isolated && !steps.some((step) => step.task.isolated))
    throw new UsageError('Cannot limit the mutations: --mutations is for isolated runs; add --isolated.')
  const tellNotRun = (name: string, what: string) =>
    host.stderr.write(`${task.name} was not run, because ${name}, which it needs, ${what}.\n`)
  const notRun = async (error: unknown, { name, isNamed }: ScriptRun, what: string): Promise<never> => {
    if (!isNamed && exitCodeOf(error) < 124) await tellNotRun(name, what)
    throw error
  }
  const prepared: PreparedScript[] = []
  for (const step of steps) {
    const { name, script: file, access } = step.task
    const isolated = grantsOfRun(step.task.isolated, flags, session.directory)
    const isNamed = step.task === task
    lifecycle.subject = subject ?? subjectOf(name)
    if (file === undefined) {
      if (isNamed) await checkWithoutScript(session, name, argv, flags)
      continue
    }
    const run: ScriptRun = isNamed
      ? { name, file, access, isolated, argv, args, flags, isPicked, command, isNamed }
      : { name, file, access, isolated, argv: [], args: step.args, flags: flagsOf(session, step, flags), isNamed }
    if (isolated && flags.isolated && !flags.quiet)
      await host.stderr.write(`${name} is isolated: ${grantsText(isolated, access)}.\n`)
    prepared.push(
      await prepareScript(session, run, lifecycle).catch((error) => notRun(error, run, 'cannot be started')),
    )
  }
  lifecycle.subject = subject ?? subjectOf(task.name)
  if (prepared.some(({ run }) => run.access === 'write')) await openForWriting(session, flags, lifecycle.signal)
  // A plain file may end the process. Then the tasks after it are missing, which must not look like success.
  let running: string | undefined
  host.onExit((code) => {
    if (running === undefined || code >= 124) return
    if (code === 0) host.setExitCode(1)
    void tellNotRun(running, 'did not finish')
  })
  for (const each of prepared) {
    const { name, isNamed } = each.run
    lifecycle.subject = subject ?? subjectOf(name)
    running = isNamed ? undefined : name
    const rows = await runPrepared(session, each, lifecycle)
      .catch((error) => notRun(error, each.run, 'failed'))
      .finally(() => {
        running = undefined
      })
    if (isNamed) return
    const exitCode = host.exitCode()
    if (exitCode !== 0) {
      const reason = `${name}, which it needs, ended with exit code ${exitCode}`
      throw new Interruption(`${task.name} was not run, because ${reason}.`, exitCode)
    }
    if (!flags.quiet) await host.stderr.write(`${name}: done${counted(rows)}\n`)
  }
}

/** A task that only needs others takes no arguments: words are an error, and flags for arguments or a result a warning. */
async function checkWithoutScript(
  { host }: Session,
  name: string,
  argv: readonly string[],
  { out, argsFile, quiet }: ToolFlags,
): Promise<void> {
  await checkArguments(undefined, parseArguments([], argv), [])
  const given = [...(out === undefined ? [] : ['--out']), ...(argsFile === undefined ? [] : ['--args-file'])]
  if (given.length === 0 || quiet) return
  await host.stderr.write(
    `warning: ${given.join(', ')} had no effect: ${JSON.stringify(name)} has no script of its own. What it needs gets "args" and "out" in tasks.ts.\n`,
  )
}

function counted(rows: number | undefined): string {
  if (rows === undefined) return ''
  return rows === 1 ? ', 1 row' : `, ${rows} rows`
}

/** The flags of a needed task. Those for the result are for the named task alone. */
function flagsOf({ directory }: Session, { out }: ScriptStep, flags: ToolFlags): ToolFlags {
  const { format, raw, argsFile, out: asked, ...rest } = flags
  return out === undefined ? rest : { ...rest, out: resolve(directory, out) }
}
