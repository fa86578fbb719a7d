/** A whole command line in the test's process, which takes a fraction of the time of a process of its own. */
import { Console } from 'node:console'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { start } from '../../runtime/cli/main.ts'
import { instanceOptions, startSandbox } from '../../runtime/compose.ts'
import { addSecret, createRedactor } from '../../runtime/core/redact.ts'
import { type Output, SECRET_NAMES, systemHost } from '../../runtime/host/host.ts'
import { createInput } from '../../runtime/host/standard_input.ts'
import { startCommand } from '../../runtime/tasks/arguments/start_command.ts'
import { defineTasks } from '../../runtime/tasks/registry/registry.ts'
import { createSession } from '../../runtime/tasks/run/session.ts'
import type { NetworkHost, Transport } from '../../runtime/transport/transport.ts'
import { type CliOptions, type CliResult, environment, temporaryFolder } from '../_cli.ts'
import { type FakeHost, fakeHost } from '../_host.ts'
import { RUNTIME } from '../_runtime.ts'
import { realTransport } from '../transport/_exchange.ts'

/** What starts the tool, as it is shown here. */
export const TOOL_HERE = startCommand({ program: undefined, runtime: RUNTIME })

export interface HereOptions extends CliOptions {
  /** What `tasks.ts` defines, as source. Default: no task. */
  entries?: string
  /** Default: one that knows no proxy. */
  transport?: Transport
  /** Members of the host that the test replaces. */
  own?: Partial<NetworkHost>
}

/**
 * As `run()` of `project()`, for commands that run no script, and for tasks that are no plain files. All parts are real, but
 * for the process itself: it gets no signals, and its two outputs, its input and its environment are those of this call.
 * A script is imported once, however often it runs.
 */
export function here(dir: string, args: readonly string[], options: HereOptions = {}): Promise<CliResult> {
  return withProcess(
    dir,
    args,
    options,
    async (host) => {
      const registry = defineTasks(
        pathToFileURL(join(dir, 'tasks.ts')).href,
        new Function(`return {${options.entries ?? ''}}`)(),
      )
      const loadSession = async () => {
        const session = createSession(host, { ...instanceOptions, findDirectory: () => dir })
        session.directory = registry.directory
        return session
      }
      await start({ host, registry, loadSession, startSandbox })
    },
    { ...(options.transport && { transport: options.transport }), ...options.own },
  )
}

/**
 * Gives `action` what takes the place of a process.
 *
 * @param options `entry` is the program
 * @param own members of its host
 */
export async function withProcess(
  dir: string,
  args: readonly string[],
  options: CliOptions,
  action: (host: FakeHost) => Promise<void>,
  own: Partial<NetworkHost> = {},
): Promise<CliResult> {
  const home = temporaryFolder()
  const given: Record<string, string> = { ...environment(home), ...options.env }
  const isSecret = (name: string) => (SECRET_NAMES as readonly string[]).includes(name)
  const select = (secret: boolean) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => isSecret(name) === secret))
  const [env, secrets] = [select(false), select(true)]
  const redactor = createRedactor()
  for (const value of Object.values(secrets)) addSecret(redactor, value)
  const file = join(dir, options.entry ?? 'tasks.ts')
  const { stdout: _, stderr: __, setExitCode: ___, exitCode: ____, ...system } = systemHost()
  const never = () => () => {}
  const timers: (() => void)[] = []
  const host = fakeHost({
    ...system,
    ...{ env, secrets, redactor, commandLine: args, program: file, transport: realTransport() },
    // What a process of its own is started with.
    restartCommand: () => [process.execPath, file],
    proxyVariables: () => [],
    cwd: () => join(dir, options.cwd ?? '.'),
    stdin: createInput(Readable.from(options.stdin ? [Buffer.from(options.stdin)] : []) as never),
    ...{ onSignal: never, onUncaught: never, onIdle: never, onExit: () => {} },
    ...{ writeAtOnce() {}, setArgv() {}, redirectConsole: () => consoleTo(host.stderr), withholdWarnings: never },
    after(ms, callback, more) {
      const cancel = system.after(ms, callback, more)
      timers.push(cancel)
      return cancel
    },
    exit: () => undefined as never,
    ...own,
  })
  try {
    await action(host)
    return { status: host.exitCode(), signal: null, stdout: host.out, stderr: host.err }
  } finally {
    for (const cancel of timers) cancel()
    host.transport.close()
    rmSync(home, { recursive: true, force: true })
  }
}

// --- internal ---

/** Sends what scripts print to this output. Returns a function that undoes it. */
function consoleTo(output: Output): () => void {
  const original = { ...console }
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      void output.write(text)
      done()
    },
  })
  Object.assign(console, new Console({ stdout: stream, stderr: stream }))
  return () => Object.assign(console, original)
}
