/** Puts the parts together for one process; the only file that loads the command line and the sandbox. */
import { isProgram, systemHost } from './host/host.ts'
import type { Registry } from './tasks/registry/registry.ts'
import type { InstanceOptions } from './tasks/run/instance.ts'
import { provideIsolation } from './tasks/run/isolation.ts'
import type { EmbeddedSandbox } from './tasks/run/session.ts'
import { networkHost } from './transport/open_transport.ts'

let commandLineRuns = false

/** Otherwise a script was started directly, or a program imports `#wfg`. */
export function isCommandLine(): boolean {
  return commandLineRuns
}

/**
 * Starts the command line when the module behind `meta` is the program; does nothing when `tasks.ts` is imported.
 *
 * @param meta `import.meta` of `tasks.ts`
 */
export async function main(meta: { readonly url: string; readonly main?: boolean }, registry: Registry): Promise<void> {
  if (isProgram(meta)) await runCommandLine(registry)
}

/** Starts the command line; what the launcher calls. */
export async function runCommandLine(registry: Registry): Promise<void> {
  commandLineRuns = true
  const { start } = await import('./cli/main.ts')
  const loadSession = async () => {
    const { processInstance } = await import('./tasks/run/instance.ts')
    const { session } = processInstance(instanceOptions)
    session.directory = registry.directory
    return session
  }
  // Not awaited: a run that can never finish would otherwise be reported by the runtime, in its own words.
  void start({ host: networkHost(), registry, loadSession, startSandbox })
}

/** Runs the script of this process, which is an isolated one. */
export async function runIsolated(): Promise<void> {
  commandLineRuns = true
  const [{ processInstance }, { runChild }] = await Promise.all([
    import('./tasks/run/instance.ts'),
    import('./isolated/child.ts'),
  ])
  await runChild(processInstance(instanceOptions).session)
}

provideIsolation(async () => (await import('./isolated/isolation.ts')).createIsolation(networkHost()))

/** What the floors below may not load themselves. */
export const instanceOptions: InstanceOptions = {
  startSandbox: () => startSandbox(),
  isCommandLine,
  askArguments: async (host, asked) => (await import('./cli/ask_arguments.ts')).askArguments(host, asked),
  shareRecord: async (host, url, record) => (await import('./queue/fleet_runs.ts')).addFleetRun(host, url, record),
  shareKept: async (host, url, id, kept) => (await import('./queue/fleet_kept.ts')).addFleetKept(host, url, id, kept),
}

export interface StartedSandbox extends EmbeddedSandbox {
  readonly origin: string
}

export async function startSandbox(options: { port?: number; requests?: number } = {}): Promise<StartedSandbox> {
  const { withPackages } = await import('./host/optional_packages.ts')
  const { APPLICATIONS, startSandbox: start } = await import('./sandbox/mod.ts')
  const { settings, origin, close } = await withPackages('sandbox', systemHost().runtime, () => start(options))
  return { settings, origin, close, user: APPLICATIONS.scripts.registration!.impersonateUserName }
}
