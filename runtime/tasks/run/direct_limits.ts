/** Errors of a script that is started directly on Node and uses what only `run` provides. */

import { relative } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { quotedPath } from '../../core/visible.ts'
import type { Host } from '../../host/host.ts'
import { typedWord } from '../../host/user_shell.ts'
import { isGuarded } from '../../script/script_file.ts'
import { startCommand } from '../arguments/start_command.ts'

type LimitsHost = Pick<Host, 'cwd' | 'knowsMain' | 'program' | 'runtime'>

/** The error for a file that would do nothing, because this version of Node does not have `import.meta.main`. */
export function withoutMain(host: LimitsHost, source: string): UsageError | undefined {
  if (host.knowsMain || !isGuarded(source)) return undefined
  return new UsageError(
    `Cannot run ${quotedPath(String(host.program))}: it works only if import.meta.main is true, and this version of Node does not have it; ` +
      `remove that condition, start it with ${runCommand(host)}, or use Node 24.`,
  )
}

/** The error itself; for a missing global of Deno, one that says what to do. */
export function explained(host: LimitsHost, error: unknown): unknown {
  const name = /^(Deno|prompt|confirm|alert) is not defined$/.exec((error as Error | undefined)?.message ?? '')?.[1]
  if (name === undefined || !(error instanceof ReferenceError)) return error
  return new UsageError(
    `Cannot finish ${quotedPath(String(host.program))}: it uses ${name}, which Node does not have; start it with ${runCommand(host)}, which provides it, or with Deno.`,
    { cause: error },
  )
}

// --- internal ---

function runCommand(host: LimitsHost): string {
  return `\`${startCommand(host, 'tasks.ts')} run ${typedWord(relative(host.cwd(), host.program ?? ''))}\``
}
