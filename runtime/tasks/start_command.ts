/** How a person starts this tool, for help and for errors that show a line to type. */
import type { Host } from '../host.ts'

/**
 * What is typed before the name of a task or command, on the runtime of this process.
 *
 * @param file what is started. Default `tasks.ts`
 */
export function startCommand({ runtime }: Pick<Host, 'runtime'>, file = 'tasks.ts'): string {
  return `${STARTERS[runtime]} ${file}`
}

// --- internal ---

const STARTERS: Readonly<Record<Host['runtime'], string>> = {
  node: 'npx tsx',
  deno: 'deno run -A',
  bun: 'bun run',
}
