/** The command that starts this tool, for help and for messages that show a command line. */
import type { Host } from '../../host/host.ts'
import { packageProgram, typedWord } from '../../host/user_shell.ts'

/**
 * The words before the name of a task or command, on the runtime of this process.
 *
 * @param file the file that is started. Default: `tasks.ts`, or what the launcher found
 */
export function startCommand({ program, runtime }: Pick<Host, 'program' | 'runtime'>, file?: string): string {
  if (file === undefined && runtime === 'node' && program?.endsWith('wfg.mjs')) return `${packageProgram('npx')} wfg`
  return `${STARTERS[runtime]} ${typedWord(file ?? 'tasks.ts')}`
}

// --- internal ---

const STARTERS: Readonly<Record<Host['runtime'], string>> = {
  node: `${packageProgram('npx')} tsx`,
  deno: 'deno run -A',
  bun: 'bun run',
}
