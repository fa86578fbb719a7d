/** The command that starts the process of a run. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../../host/host.ts'

/**
 * Returns the launcher, if this process was started by tsx, which starts a process in twice the time. Where Node itself runs
 * TypeScript, it stays with tsx, which knows more syntax.
 *
 * @param directory holds `tasks.ts`. The launcher finds it only from there
 * @returns undefined if this process may not start others
 */
export function runCommand(
  host: Pick<Host, 'cwd' | 'knowsMain' | 'restartCommand' | 'runtime'>,
  directory: string,
): string[] | undefined {
  const command = host.restartCommand()
  if (!command || host.runtime !== 'node' || host.knowsMain || host.cwd() !== directory) return command
  const launcher = LAUNCHERS.map((path) => join(directory, path)).find((path) => existsSync(path))
  if (launcher === undefined) return command
  const [program = '', ...flags] = command.slice(0, -1)
  const isOfTsx = (word: string, at: number): boolean =>
    TSX.test(word) || (LOADS.test(word) && TSX.test(flags[at + 1]!))
  return [program, ...flags.filter((word, at) => !isOfTsx(word, at)), launcher]
}

// --- internal ---

const LAUNCHERS = ['runtime/cli/wfg.mjs', 'node_modules/wfg-scripts/runtime/cli/wfg.mjs']
const LOADS = /^(--import|--require|--loader|-r)$/
const TSX = /(^|[\\/=])tsx([\\/]|$)/
