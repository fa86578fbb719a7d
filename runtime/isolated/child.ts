/**
 * Runs an isolated script in its own process, or only reads its arguments. Nothing here guards anything: the rights of the
 * process and the broker do.
 */
import { RefusedError, WfgError } from '../core/errors.ts'
import { Interruption } from '../core/interruption.ts'
import type { Host, Output } from '../host/host.ts'
import type { Script } from '../script/define.ts'
import { importScript, readScriptFile, type ScriptFile } from '../script/script_file.ts'
import { argumentsSchema } from '../tasks/arguments/arguments_schema.ts'
import { readParameters } from '../tasks/arguments/schema.ts'
import { type AskedArguments, readArguments } from '../tasks/arguments/script_arguments.ts'
import { isRows } from '../tasks/output/write_result.ts'
import { neverFinished } from '../tasks/run/lifecycle.ts'
import { contextFor, createLog } from '../tasks/run/script_context.ts'
import { runSettings, type Session } from '../tasks/run/session.ts'
import { isolateSession } from './child_session.ts'
import { connectParent, type Parent } from './parent.ts'
import { sendRows } from './send_rows.ts'
import { describeThrown } from './thrown.ts'

export async function runChild(session: Session): Promise<void> {
  const { host } = session
  const parent = await connectParent(host)
  const stopping = new AbortController()
  const stop = () => stopping.abort(new Interruption('Interrupted.', 143))
  // Ctrl-C at a terminal reaches this process too. The parent decides what it means.
  host.onSignal('SIGINT', () => {})
  host.onSignal('SIGTERM', stop)
  const end = async (error?: unknown): Promise<never> => {
    const exitCode = host.exitCode()
    await parent.tell({ type: 'end', exitCode, error: error === undefined ? undefined : describeThrown(error) })
    return host.exit(exitCode)
  }
  host.onUncaught((error) => void end(error))
  Object.assign(host, { stderr: messages(parent) })
  refusePrograms(host)
  isolateSession(session, parent)
  try {
    const { assignment } = parent
    session.runSettings = runSettings(assignment.flags, assignment.access, stopping.signal)
    const file = readScriptFile(assignment.file)
    if (file.defines || !assignment.isNamed) host.redirectConsole()
    host.setArgv(assignment.argv)
    if (file.defines) {
      const stuck = neverFinished(`The script of ${JSON.stringify(assignment.name)}`)
      host.onIdle(() => void end(new WfgError(stuck.replace(/^error: |\n$/g, ''))))
      // Elsewhere a signal stops the run. Listening would keep a script alive that waits for nothing.
      const listen = () => host.platform === 'win32' && parent.listen(stop)
      await runDefinition(session, parent, file, stopping.signal, listen)
    } else {
      await parent.tell({ type: 'ready', parameters: [], values: {} })
      await begin(session, parent)
      const idle = new Promise<void>((resolve) => host.onIdle(resolve))
      await importScript(file)
      await idle
    }
  } catch (error) {
    await end(error)
  }
  await end()
}

// --- internal ---

async function runDefinition(
  session: Session,
  parent: Parent,
  file: ScriptFile,
  signal: AbortSignal,
  listen: () => void,
): Promise<void> {
  const { host } = session
  const { work, flags, tool } = parent.assignment
  const script = (await importScript(file))!
  if (work === 'describe') {
    const parameters = readParameters(script.args, script)
    const schema = { ...(await argumentsSchema(script.args, { title: '' })) }
    return parent.tell({ type: 'described', parameters, examples: script.examples, schema })
  }
  const { parameters, given, args } = await argumentsOf(host, script, parent, signal)
  await parent.tell({ type: 'ready', parameters, values: given.values })
  if (work === 'arguments') return
  await begin(session, parent)
  listen()
  const progress = (done: number, total?: number, detail?: string) =>
    void parent.tell({
      type: 'progress',
      done,
      ...(total === undefined ? {} : { total }),
      ...(detail ? { detail } : {}),
    })
  const context = contextFor(
    session,
    args,
    flags,
    { signal, force: signal },
    {
      log: createLog(host, flags),
      progress,
    },
  )
  const result: unknown = await script.run(
    Object.defineProperties(context, {
      confirm: { value: (question: string) => parent.ask('confirm', question) },
      command: { value: tool },
      $: { value: refuseShell },
    }),
  )
  const rows = isRows(result)
  await parent.tell({ type: 'result', isRows: rows, value: rows ? undefined : result })
  if (rows) await sendRows(host, parent, result, signal)
}

function argumentsOf(host: Host, script: Script, parent: Parent, signal: AbortSignal) {
  const { name, argv, args, argsText, command, isPicked, isNamed, work } = parent.assignment
  const stdin = { isTTY: false, readLine: async () => undefined, readAll: async () => argsText ?? '' }
  const ask = async ({ missing }: AskedArguments) => (await parent.ask('arguments', missing)) as Record<string, unknown>
  return readArguments(
    { cwd: host.cwd, redactor: host.redactor, stdin },
    script,
    { name, argv, args, argsFile: argsText === undefined ? undefined : '-' },
    work === 'run' ? { ask: isNamed ? ask : undefined, isPicked, command, noColor: true, signal } : undefined,
  )
}

async function begin(session: Session, parent: Parent): Promise<void> {
  const { confirmed } = await parent.toRun()
  session.runSettings = { ...session.runSettings, confirmed }
}

/** Standard error as messages, so that what is said before a question is shown before it. */
function messages(parent: Parent): Output {
  const write = (text: string) => parent.tell({ type: 'text', text })
  return { isTTY: false, columns: undefined, closed: false, isFile: false, write, writeAsIs: write }
}

/** Replaces the error of Deno by one that says why. */
function refusePrograms(host: Host): void {
  class Command {
    constructor() {
      throw refusal('Deno.Command')
    }
  }
  const { deno } = host.network
  if (deno) Object.defineProperty(deno, 'Command', { value: Command })
}

function refuseShell(): never {
  throw refusal('$')
}

function refusal(name: string): RefusedError {
  return new RefusedError(
    `Refused ${name}: this script is isolated, and a program could do all that you may. Run the script without isolation if you trust it.`,
  )
}
