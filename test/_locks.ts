/** What the tests of locks need: processes that have ended, and pid namespaces as containers have them. */
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { ProcessIdentity } from '../runtime/host/process_identity.ts'
import { compiled } from './_compiled.ts'
import { notRun } from './_not_run.ts'

/** Pid of a process that has ended. */
export function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

/** False where nobody can know that a process has ended, which is declared. */
export function knowsEnds(): boolean {
  if (['linux', 'win32'].includes(process.platform)) return true
  notRun('only on Linux and Windows is it certain that a process has ended')
  return false
}

export interface Probe {
  readonly own: ProcessIdentity
  readonly ended: boolean
}

/** Who a process is that was started so and has ended, and whether it took the other one for ended. */
export function probe(other: ProcessIdentity, starter: readonly string[] = []): Probe {
  const { args: child, cleanup } = compiled(PROBE)
  const [program, ...args] = [...starter, process.execPath, ...child, JSON.stringify(other)]
  const { stdout } = spawnSync(program!, args, { encoding: 'utf8' })
  cleanup()
  return JSON.parse(stdout)
}

const PROBE = fileURLToPath(new URL('_identity_probe.ts', import.meta.url))
const UNSHARE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']

/** What starts a command in a pid namespace of its own. Undefined if that is not possible here, which is declared. */
export function unshare(): string[] | undefined {
  const rootless = [...UNSHARE, '--user', '--map-root-user']
  const found = [UNSHARE, rootless].find(([program, ...args]) => spawnSync(program!, [...args, 'true']).status === 0)
  if (!found) notRun('a pid namespace needs unshare of Linux, and the right to use it')
  return found
}
