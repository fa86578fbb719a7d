/** The argument of a command. */
import type { NetworkHost } from '../../transport/transport.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import type { Registry } from '../registry/registry.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { EmbeddedSandbox, Session } from './session.ts'

/** What `compose.ts` passes to the command line. */
export interface CommandLine {
  readonly host: NetworkHost
  readonly registry: Registry
  /** Loads the client and everything it needs. `list` does not need it. */
  loadSession(): Promise<Session>
  startSandbox(options: { port?: number; requests?: number }): Promise<EmbeddedSandbox & { readonly origin: string }>
}

/** One call of a command. */
export interface CommandCall extends CommandLine {
  /** The words after the command's name, without the tool's flags. */
  readonly args: readonly string[]
  readonly flags: ToolFlags
  readonly lifecycle: Lifecycle
}
