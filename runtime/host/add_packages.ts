/** Offers to add the packages that a command misses, and goes on with the command. */
import { spawn } from 'node:child_process'
import { ConfigError } from '../core/errors.ts'
import { quotedPath } from '../core/visible.ts'
import { runsInCi } from './cache_folder.mjs'
import type { Host } from './host.ts'
import { MissingPackages, missingPackages } from './optional_packages.ts'
import { canAsk, createPrompts } from './prompts.ts'

/**
 * Asks whether to run the command that adds the packages, runs it, and starts this process again: a runtime does not find
 * packages that were installed after it has looked for them. Only for `MissingPackages`, which come before a script runs.
 * A script that has sent something must not run twice.
 *
 * @returns the exit code of the second process
 * @throws the error as it should be shown, if nothing is missing, nobody can be asked, or the answer is no
 */
export async function addPackages(
  host: Host,
  error: unknown,
  options: { signal: AbortSignal; noColor: boolean },
): Promise<number> {
  if (!(error instanceof MissingPackages)) throw missingPackages(error, host.runtime) ?? error
  const again = canAsk(host) && !runsInCi(host.env) ? host.restartCommand() : undefined
  if (again === undefined) throw error
  const { line, directory } = error.command
  const prompts = createPrompts(host, options)
  if (!(await prompts.confirm({ message: `${error.problem} Add what it needs now?`, details: [line] }))) throw error
  // What the package manager prints is not the result.
  const added = await ended(spawn(line, { cwd: directory, env: host.env, shell: true, stdio: ['inherit', 2, 2] }))
  options.signal.throwIfAborted()
  if (added !== 0) {
    throw new ConfigError(
      `Cannot add the packages: \`${line}\` ended with exit code ${added} in ${quotedPath(directory)}. Its own messages are above.`,
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
