/** Command lines of a process that trusts the authority of the tests, which a runtime reads only at its start. */
import { fileURLToPath } from 'node:url'
import { type CliResult, REPOSITORY } from '../_cli.ts'
import { compiled, compiledText } from '../_compiled.ts'
import { startLineChild } from '../_line_child.ts'
import { RUNTIME } from '../_runtime.ts'
import { authority } from '../transport/_child.ts'
import type { HereQuestion } from './_here_child.ts'

export interface Trusting {
  /** As `here`, with scripts of `compiledScript`; the environment may name proxies, in all calls or in none. */
  here(dir: string, args: readonly string[], options: HereQuestion['options']): Promise<CliResult>
  close(): Promise<void>
}

/** A script in JavaScript: the process has nothing that makes it take TypeScript, which `#wfg` is where no task is started. */
export function compiledScript(definition: string): string {
  const source = (module: string) =>
    `import { defineScript } from '${module}'\nexport default defineScript(${definition})\n`
  return RUNTIME === 'node' ? compiledText(source('./runtime/script/define.ts'), REPOSITORY) : source('#wfg')
}

export function trusting(): Trusting {
  const { env, remove } = authority()
  const { args, cleanup } = compiled(fileURLToPath(new URL('_here_child.ts', import.meta.url)), 'external')
  const child = startLineChild(args, env)
  return {
    here: async (dir, args, options) => (await child.ask({ dir, args, options })) as CliResult,
    async close() {
      await child.close()
      cleanup()
      remove()
    },
  }
}
