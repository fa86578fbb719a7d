/** The commands, each loaded when it is called. */
import type { CommandCall } from './main.ts'

export interface Command {
  readonly summary: string
  /** As in help, for example `run <task or file> [flags]`. */
  readonly usage: string
  load(): Promise<{ run(call: CommandCall): Promise<void> }>
}

export const commands = {
  list: { usage: 'list [--json] [--group G]', summary: 'list the tasks', load: () => import('./list.ts') },
  run: { usage: 'run <task or file> [flags]', summary: 'run a task or a script file', load: () => import('./run.ts') },
  help: {
    usage: 'help [<task or command>]',
    summary: 'show this text, or how a task is used',
    load: () => import('./help.ts'),
  },
  sandbox: {
    usage: 'sandbox [--port N] [--requests N]',
    summary: 'keep the embedded servers running, to learn and test with',
    load: () => import('./sandbox.ts'),
  },
  new: {
    usage: 'new <name> [--from query|mutation|plain|FILE]',
    summary: 'write a script from a template or another script, with its test, and name it in tasks.ts',
    load: () => import('./new.ts'),
  },
  completion: {
    usage: 'completion bash|zsh|fish|pwsh',
    summary: 'print what teaches a shell to complete tasks, flags and choices',
    load: () => import('./completion.ts'),
  },
  version: { usage: '--version', summary: 'show versions, for a bug report', load: () => import('./version.ts') },
} satisfies Record<string, Command>

/** No task may have one of these names: the commands, and those that are to come. */
export const RESERVED_NAMES: readonly string[] = [
  ...Object.keys(commands),
  ...['doctor', 'enqueue', 'export', 'init', 'query', 'queue', 'runs', 'schema', 'token', 'worker'],
]
