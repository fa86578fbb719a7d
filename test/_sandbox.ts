/** The sandbox in a process of its own, which starts from compiled code: in a test's process its packages take longer. */
import { join } from 'node:path'
import { REPOSITORY, removeFolder, temporaryFolder } from './_cli.ts'
import { running } from './cli/_running.ts'

export interface SandboxProcess {
  /** The settings that connect to it, by name. */
  readonly settings: Readonly<Record<string, string>>
  close(): Promise<void>
}

export async function sandboxProcess(): Promise<SandboxProcess> {
  const home = temporaryFolder()
  const command = running(join(REPOSITORY, 'tasks.ts'), ['sandbox'], { cwd: REPOSITORY, home, limitMs: LIMIT_MS })
  await command.shows(/^WFG_CLIENT_SECRET=.+\n/m)
  return {
    settings: Object.fromEntries(
      [...command.stdout.matchAll(/^(WFG_\w+)=(.+)$/gm)].map(([, name, value]) => [name, value]),
    ),
    async close() {
      command.signal('SIGKILL')
      await command.ended
      removeFolder(home)
    },
  }
}

// --- internal ---

const LIMIT_MS = 600_000
