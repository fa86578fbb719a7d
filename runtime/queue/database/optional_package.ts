/** Loads packages that only the queue uses and that may be missing. */
import { ConfigError } from '../../core/errors.ts'

/**
 * @param name e.g. `pg-boss`
 * @throws {ConfigError} if it is not installed; the message says how to add it
 */
export async function optionalPackage<Module>(name: string, runtime: 'node' | 'deno' | 'bun'): Promise<Module> {
  try {
    return (await import(name)) as Module
  } catch (error) {
    if (!isMissing(error, name)) throw error
    const older = runtime === 'node' && name === 'pg-boss' ? ', before Node 22.12 with `npm install pg-boss@10`' : ''
    const remedy = `Add it with \`${ADD[runtime]}${name}\`${older}.`
    throw new ConfigError(
      `Cannot open the queue: the package ${JSON.stringify(name)} is not installed, and only the queue needs it. ${remedy}`,
      { remedy },
    )
  }
}

// --- internal ---

const ADD = { node: 'npm install ', deno: 'deno add npm:', bun: 'bun add ' }

function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  const isNotFound = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || !code
  return (
    isNotFound &&
    // The message about a missing dependency of the package would have its path instead.
    new RegExp(`['"]${name}['"]`).test(message) &&
    /cannot find|could not find|not found|not a dependency|not in import map/i.test(message)
  )
}
