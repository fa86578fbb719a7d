/** Projects whose runs are kept in a folder of the test. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { stateFolder } from '../../../runtime/host/state_folder.ts'
import { readHistory } from '../../../runtime/tasks/history/read_history.ts'
import type { RunRecord } from '../../../runtime/tasks/history/record.ts'
import { type CliOptions, type CliResult, homeEnv, project } from '../../_cli.ts'

export interface KeptProject {
  readonly dir: string
  /** The folder of the user's state. */
  readonly state: string
  readonly env: Readonly<Record<string, string>>
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>
  /** What was kept so far, oldest first. On Windows, it is below the folder of WFG_CACHE_DIR. */
  records(cache?: string): RunRecord[]
}

export function withKept(
  files: Readonly<Record<string, string>>,
  action: (kept: KeptProject) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const { dir, run, cleanup } = project(files)
    const home = join(dir, 'home')
    mkdirSync(home)
    const env = { ...homeEnv(home), XDG_STATE_HOME: join(home, 'state') }
    const folder = { env, platform: process.platform }
    const state = stateFolder(folder, undefined)!
    try {
      await action({
        dir,
        state,
        env,
        run: (args, options = {}) => run(args, { ...options, env: { ...env, ...options.env } }),
        records: (cache) => readHistory(stateFolder(folder, cache)!, undefined),
      })
    } finally {
      cleanup()
    }
  }
}

/** A `tasks.ts` of these entries. */
export function tasksOf(entries: string): string {
  return `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, { ${entries} })
await main(import.meta, tasks)`
}
