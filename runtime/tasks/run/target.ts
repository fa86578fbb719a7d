/** What a name on a command line stands for, and the run of it. */
import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { quoted } from '../arguments/example.ts'
import { startCommand } from '../arguments/start_command.ts'
import { startRecording } from '../history/recording.ts'
import { findTask, type Registry, type Task } from '../registry/registry.ts'
import { adviceOn } from '../registry/unnamed_script.ts'
import type { CommandCall } from './command_call.ts'
import { runTask, subjectOf } from './needs.ts'
import { runScript } from './run.ts'

export type Target = { readonly task: Task } | { readonly file: string }

export interface TargetCall {
  /** As it was given, for messages. */
  readonly name: string
  readonly argv: readonly string[]
  /** As an arguments file has them. */
  readonly args?: Readonly<Record<string, unknown>> | undefined
  readonly isPicked?: boolean
  /** Of its record. Default: a new one. */
  readonly id?: string | undefined
}

/** Runs what was found, and leaves a record of it. */
export async function runTarget(
  {
    host,
    registry,
    flags,
    lifecycle,
    loadSession,
  }: Pick<CommandCall, 'host' | 'registry' | 'flags' | 'lifecycle' | 'loadSession'>,
  target: Target,
  { name, argv, args, isPicked = false, id }: TargetCall,
): Promise<void> {
  lifecycle.subject = 'task' in target ? subjectOf(target.task.name) : `The script ${JSON.stringify(name)}`
  const session = await loadSession()
  const started = 'task' in target ? { task: target.task.name, flags, id } : { file: target.file, flags, id }
  session.recording = startRecording(session, started)
  lifecycle.ended = session.recording.end
  try {
    if ('task' in target) await runTask(session, registry, target.task, argv, flags, lifecycle, { isPicked, args })
    else {
      const command = `${startCommand(host)} run ${quoted(name)}`
      const script = { name, file: target.file, access: 'write' as const, argv, args, flags, command, isNamed: true }
      await runScript(session, script, lifecycle)
    }
  } finally {
    await session.close()
  }
}

/**
 * A file's path is relative to the working directory.
 *
 * @param otherNames what may have been meant besides tasks: the commands
 * @throws {UsageError} `WFG_USAGE` for what is neither a task nor a file, with the script that may be meant or the nearest name
 */
export function findTarget(
  host: Pick<Host, 'cwd' | 'program' | 'runtime'>,
  registry: Registry,
  name: string,
  otherNames: readonly string[] = [],
): Target {
  const [directory, tool] = [host.cwd(), startCommand(host)]
  const task = registry.find(name)
  if (task) return { task }
  const file = resolve(directory, name)
  if (!existsSync(file)) {
    const advice = adviceOn(registry, name, { directory, tool })
    if (advice) throw new UsageError(`Cannot run ${JSON.stringify(name)}: no task has that name. ${advice}`)
    if (/[\\/]|\.[mc]?[jt]s$/.test(name)) {
      throw new UsageError(`Cannot run ${JSON.stringify(name)}: there is no such file in ${JSON.stringify(directory)}.`)
    }
    return { task: findTask(registry, name, otherNames, tool) }
  }
  const real = realpathSync(file)
  const registered = [...registry.tasks.values()].find(
    ({ script }) => script !== undefined && existsSync(script) && realpathSync(script) === real,
  )
  return registered ? { task: registered } : { file: real }
}
