/** A task with what it needs: each once, one after another. */
import { resolve } from 'node:path'
import { Interruption } from '../../core/interruption.ts'
import { parseArguments } from '../arguments/arguments.ts'
import { checkArguments } from '../arguments/check_arguments.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import type { Need } from '../registry/entry.ts'
import type { Registry, Task } from '../registry/registry.ts'
import { exitCodeOf } from './failure.ts'
import type { Lifecycle } from './lifecycle.ts'
import { openForWriting } from './open_for_writing.ts'
import { prepareScript, type ReadyScript, runReady, type ScriptRun } from './run.ts'
import type { Session } from './session.ts'

/** One run of a task: the named one, or one that is needed, with what `tasks.ts` gives it. */
export interface Step extends Omit<Need, 'task'> {
  readonly task: Task
}

/** What the task needs, what that needs before it, each once; the task itself is last. */
export function inOrder(registry: Registry, task: Task): Step[] {
  const steps = new Map<string, Step>()
  const visit = (step: Step): void => {
    const key = JSON.stringify([step.task.name, sorted(step.args), step.out])
    if (steps.has(key)) return
    for (const { task: name, ...rest } of step.task.needs) {
      const needed = registry.find(name)
      if (needed) visit({ ...rest, task: needed })
    }
    steps.set(key, step)
  }
  visit({ task })
  return [...steps.values()]
}

/**
 * Runs the task after what it needs, each with its mistakes found and the server confirmed before the first begins.
 * Only the task's own result is shown; of the others, one line each on standard error.
 */
export async function runTask(
  session: Session,
  registry: Registry,
  task: Task,
  argv: readonly string[],
  flags: ToolFlags,
  lifecycle: Lifecycle,
  { isPicked = false, args }: { isPicked?: boolean; args?: ScriptRun['args'] } = {},
): Promise<void> {
  const notRun = async (error: unknown, name: string, what: string): Promise<never> => {
    if (name !== task.name && exitCodeOf(error) < 124) {
      await session.host.stderr.write(`${task.name} was not run, because ${name}, which it needs, ${what}.\n`)
    }
    throw error
  }
  const ready: ReadyScript[] = []
  for (const step of inOrder(registry, task)) {
    const { name, script: file, access } = step.task
    lifecycle.subject = subjectOf(name)
    if (file === undefined) {
      if (step.task === task) await checkWithoutScript(session, name, argv, flags)
      continue
    }
    const run =
      step.task === task
        ? { name, file, access, argv, args, flags, isPicked, isNamed: true }
        : { name, file, access, argv: [], args: step.args, flags: flagsOf(registry, step, flags), isNamed: false }
    ready.push(await prepareScript(session, run, lifecycle).catch((error) => notRun(error, name, 'cannot be started')))
  }
  lifecycle.subject = subjectOf(task.name)
  if (ready.some(({ run }) => run.access === 'write')) await openForWriting(session, flags, lifecycle.signal)
  // A plain file may end the process, and what follows must not be missing in silence.
  let running: string | undefined
  session.host.onExit((code) => {
    if (running === undefined || code >= 124) return
    if (code === 0) session.host.setExitCode(1)
    void session.host.stderr.write(
      `${task.name} was not run, because ${running}, which it needs, did not come to its end.\n`,
    )
  })
  for (const each of ready) {
    const { name, isNamed } = each.run
    lifecycle.subject = subjectOf(name)
    running = isNamed ? undefined : name
    const rows = await runReady(session, each, lifecycle).catch((error) => {
      running = undefined
      return notRun(error, name, 'failed')
    })
    running = undefined
    const exitCode = session.host.exitCode()
    if (!isNamed && exitCode !== 0) {
      throw new Interruption(
        `${task.name} was not run, because ${name}, which it needs, ended with exit code ${exitCode}.`,
        exitCode,
      )
    }
    if (!isNamed && !flags.quiet) await session.host.stderr.write(`${name}: done${counted(rows)}\n`)
  }
}

export function subjectOf(name: string): string {
  return `The task ${JSON.stringify(name)}`
}

// --- internal ---

/** The order in which arguments are written makes no other run of them. */
function sorted(args: Need['args'] = {}): [string, unknown][] {
  return Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** What a task that only needs others is given has nothing to act on: words are a mistake, and a file would be missed. */
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

/** What a person says of the named task's result is not said of the others'. */
function flagsOf({ directory }: Registry, { out }: Step, flags: ToolFlags): ToolFlags {
  const { format, raw, argsFile, out: asked, ...rest } = flags
  return out === undefined ? rest : { ...rest, out: resolve(directory, out) }
}
