/** The command line: finds the command or the task, and runs it. */
import { UsageError } from '../core/errors.ts'
import { Interruption } from '../core/interruption.ts'
import { nearest } from '../core/nearest.ts'
import { systemCode } from '../core/system_code.ts'
import { checkOut, type ToolFlags, takeToolFlags, toolFlags } from '../tasks/arguments/tool_flags.ts'
import { checkRegistry } from '../tasks/registry/check_registry.ts'
import { refuseForeignFolder } from '../tasks/registry/own_folder.ts'
import type { CommandCall, CommandLine } from '../tasks/run/command_call.ts'
import { conduct } from '../tasks/run/lifecycle.ts'
import { commands } from './commands.ts'
import { type CommandName, RESERVED_NAMES, USAGES } from './usages.ts'

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
        'Cannot use --version here: it takes no other arguments, and a script cannot have a flag of this name.',
      )
    }
    if (flags.version) return runCommand('version', { ...line, args: [], flags, lifecycle })
    if (!registry?.tasks) {
      throw new UsageError(
        'Cannot find the tasks: main() was called without them; expected `await main(import.meta, tasks)` with the result of defineTasks().',
      )
    }
    // Mistakes in the registry are reported before anything runs.
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
        `Cannot use ${flag} here: the tool has no such flag${hint} A script's flags follow its name.`,
      )
    }
    if (Object.hasOwn(USAGES, name)) {
      const help = flags.help && (name !== 'run' || args.length === 0)
      const call = help ? { ...line, args: [name], flags, lifecycle } : { ...line, args, flags, lifecycle }
      return runCommand(help ? 'help' : (name as CommandName), call)
    }
    // Starts loading the session early. If that fails, the command reports it.
    if (registry.find(name) && !flags.help) line.loadSession().catch(() => {})
    return runCommand('run', { ...line, args: rest, flags, lifecycle })
  })
}

// --- internal ---

/** Codes of errors that a missing package may cause. */
const MISSING = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'WFG_CONFIG']
/** Only the process that goes on limits its time to stop. */
const NO_LIMIT_MS = 2 ** 31 - 1

async function runCommand(name: CommandName, call: CommandCall): Promise<void> {
  const { run } = await commands[name]()
  try {
    await run(call)
  } catch (error) {
    if (!(error instanceof Error && MISSING.includes(systemCode(error)))) throw error
    const { addPackages } = await import('../host/add_packages.ts')
    const { host, flags, lifecycle } = call
    lifecycle.graceMs = NO_LIMIT_MS
    const exitCode = await addPackages(host, error, { signal: lifecycle.signal, noColor: flags.noColor ?? false })
    if (exitCode !== 0) throw new Interruption('', exitCode)
  }
}
