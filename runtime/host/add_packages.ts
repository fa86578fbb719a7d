/** Offers to add the packages that a command misses, and goes on with the command. */
import { spawn } from 'node:child_process'
import { ConfigError } from '../core/errors.ts'
import { runsInCi } from './cache_folder.mjs'
import type { Host } from './host.ts'
import { missingPackages } from './optional_packages.ts'
import { canAsk, createPrompts } from './prompts.ts'

/**
 * Asks whether to run the command that adds the packages, runs it, and starts this process again: a runtime does not find
 * packages that were installed after it has looked for them.
 *
 * @returns the exit code of the second process
 * @throws the error as it should be shown, if nothing is missing, nobody can be asked, or the answer is no
 */
export async function addPackages(
  host: Host,
  error: unknown,
  options: { signal: AbortSignal; noColor: boolean },
): Promise<number> {
  const missing = missingPackages(error, host.runtime)
  const again = missing === undefined || !canAsk(host) || runsInCi(host.env) ? undefined : host.restartCommand()
  if (missing === undefined || again === undefined) throw missing ?? error
  const { line, directory } = missing.command
  const prompts = createPrompts(host, options)
  if (!(await prompts.confirm({ message: `${missing.problem} Add what it needs now?`, details: [line] }))) throw missing
  // What the package manager prints is not the result.
  const added = await ended(spawn(line, { cwd: directory, env: host.env, shell: true, stdio: ['inherit', 2, 2] }))
  options.signal.throwIfAborted()
  if (added !== 0) {
    throw new ConfigError(
      `Cannot add the packages: \`${line}\` ended with exit code ${added} in ${JSON.stringify(directory)}. Its own messages are above.`,
    )
  }
  const [program = '', ...words] = again
  const env = { ...host.env, ...host.secrets }
  return ended(spawn(program, [...words, ...host.commandLine], { env, stdio: 'inherit' }))
}

// --- internal ---

function ended(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code ?? 1)))
}
