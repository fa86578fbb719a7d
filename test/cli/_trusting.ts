/** Command lines of a process that trusts the authority of the tests, which a runtime reads only at its start. */
import { fileURLToPath } from 'node:url'
import type { CliResult } from '../_cli.ts'
import { startLineChild } from '../_line_child.ts'
import { runtimeArgs } from '../_runtime.ts'
import { authority } from '../transport/_child.ts'
import type { HereQuestion } from './_here_child.ts'

export interface Trusting {
  /** As `here`; the environment may name proxies, in all calls or in none. */
  here(dir: string, args: readonly string[], options: HereQuestion['options']): Promise<CliResult>
  close(): Promise<void>
}

export function trusting(): Trusting {
  const { env, remove } = authority()
  const file = fileURLToPath(new URL('_here_child.ts', import.meta.url))
  const child = startLineChild([...runtimeArgs(file), file], env)
  return {
    here: async (dir, args, options) => (await child.ask({ dir, args, options })) as CliResult,
    async close() {
      await child.close()
      remove()
    },
  }
}
