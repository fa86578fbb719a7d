/** The command line: finds the command or the task, and runs it. */
import { UsageError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Host } from '../host/host.ts'
import type { RunRowChoice } from '../queue/store/store.ts'
import { checkOut, type ToolFlags, takeToolFlags, toolFlags } from '../tasks/arguments/tool_flags.ts'
import type { RunRecord } from '../tasks/history/record.ts'
import { checkRegistry } from '../tasks/registry/check_registry.ts'
import { refuseForeignFolder } from '../tasks/registry/own_folder.ts'
import type { Registry } from '../tasks/registry/registry.ts'
import { conduct, type Lifecycle } from '../tasks/run/lifecycle.ts'
import type { Session } from '../tasks/run/session.ts'
import { commands, RESERVED_NAMES } from './commands.ts'

/** What the composition hands to a command. */
export interface CommandLine {
  readonly host: Host
  readonly registry: Registry
  /** Loads the client and all that belongs to it; listing does without. */
  loadSession(): Promise<Session>
  /** The newest runs that workers have kept in their database, at most so many; undefined where there is none. */
  loadFleetRuns?(limit: number, choice?: RunRowChoice): Promise<readonly RunRecord[]>
  startSandbox(options: { port?: number; requests?: number }): Promise<{
    readonly origin: string
    readonly settings: Readonly<Record<string, string>>
    readonly user: string
    close(): Promise<void>
  }>
}

/** One call of a command. */
export interface CommandCall extends CommandLine {
  /** What follows the command's name, without the tool's flags. */
  readonly args: readonly string[]
  readonly flags: ToolFlags
  readonly lifecycle: Lifecycle
}

export async function start(line: CommandLine): Promise<void> {
  const { host, registry } = line
  let flags: ToolFlags
  let rest: string[]
  try {
    ;({ flags, rest } = takeToolFlags(host.commandLine))
    checkOut(flags)
  } catch (error) {
    return conduct(host, 'The command line', undefined, () => Promise.reject(error))
  }
  await conduct(host, 'The command', flags.timeoutMs, async (lifecycle) => {
    if (registry?.directory) refuseForeignFolder(host, registry.directory)
    const [name, ...args] = rest
    if (flags.version && rest.length > 0) {
      throw new UsageError(
        'Cannot use --version here: it is a flag of the tool and stands alone; a script may not have a flag of that name.',
      )
    }
    if (flags.version) return runCommand('version', { ...line, args: [], flags, lifecycle })
    if (!registry?.tasks) {
      throw new UsageError(
        'Cannot find the tasks: main() was given none; expected `await main(import.meta, tasks)` with the tasks that defineTasks() gave.',
      )
    }
    // What a person wrote wrong in the registry must be mended before anything runs.
    await checkRegistry(registry, RESERVED_NAMES)
    if (name === undefined) return runCommand(flags.help ? 'help' : 'list', { ...line, args: [], flags, lifecycle })
    if (name.startsWith('-')) {
      const flag = name.replace(/=.*$/s, '')
      const meant = nearest(
        flag.replace(/^-+/, ''),
        toolFlags.map((each) => each.name),
      )
      const hint = meant === undefined ? '.' : `; did you mean --${meant}?`
      throw new UsageError(
        `Cannot use ${flag} here: it is no flag of the tool${hint} A script's flags follow its name.`,
      )
    }
    if (Object.hasOwn(commands, name)) {
      const help = flags.help && (name !== 'run' || args.length === 0)
      const call = help ? { ...line, args: [name], flags, lifecycle } : { ...line, args, flags, lifecycle }
      return runCommand(help ? 'help' : (name as keyof typeof commands), call)
    }
    // Loaded while the command is: each is many modules. Should it fail, the command says so.
    if (registry.find(name) && !flags.help) line.loadSession().catch(() => {})
    return runCommand('run', { ...line, args: rest, flags, lifecycle })
  })
}

// --- internal ---

async function runCommand(name: keyof typeof commands, call: CommandCall): Promise<void> {
  const { run } = await commands[name].load()
  await run(call)
}
