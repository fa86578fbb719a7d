/** The `Deno` global, for scripts written for Deno that run on Node or Bun. */
import type { Host } from '../host.ts'
import { namesDeno } from './names_deno.ts'

export type DenoHost = Pick<
  Host,
  'runtime' | 'env' | 'commandLine' | 'cwd' | 'exit' | 'exitCode' | 'setExitCode' | 'defineGlobal'
>

/**
 * Call it just before the script is imported, with the script's source: libraries take a global `Deno` as the sign of a
 * Deno process, so it is there only for a script that names it. Does nothing on Deno. Returns what removes it.
 */
export async function provideDeno(source: string, host: DenoHost): Promise<() => void> {
  if (host.runtime === 'deno' || !namesDeno(source)) return () => {}
  const { Deno: shim } = await import('@deno/shim-deno')
  const { denoNamespace } = await import('./deno_namespace.ts')
  return host.defineGlobal('Deno', denoNamespace({ ...shim }, host))
}
