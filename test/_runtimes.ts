/**
 * The runtimes that are not the one of this machine: from the folder that `TEST_RUNTIMES` names, else installed by npm
 * below the user's cache folder; never among the packages of the project, whose `node` would take the place of the machine's.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

export interface OtherRuntime {
  readonly title: string
  /** As npm installs it. */
  readonly spec: string
  readonly program: 'node' | 'bun'
}

export const OTHER_RUNTIMES: readonly OtherRuntime[] = [
  { title: 'Node 24', spec: 'node@24', program: 'node' },
  { title: 'Node 26', spec: 'node@26', program: 'node' },
  { title: 'Bun', spec: 'bun@1', program: 'bun' },
]

/** Path of the program; undefined where it is not to be had, as without the npm registry. */
export function installed({ spec, program }: OtherRuntime): string | undefined {
  const folder = join(process.env['TEST_RUNTIMES'] || CACHE, spec.replace('@', '-'))
  const file = process.platform === 'win32' ? `${program}.exe` : program
  const path = join(folder, 'node_modules', program, 'bin', program === 'bun' ? 'bun.exe' : file)
  if (isReady(path)) return path
  try {
    mkdirSync(folder, { recursive: true })
    // Or npm takes the folder above that has one.
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
    const args = ['install', '--prefix', folder, '--no-save', '--prefer-offline', '--no-audit', '--no-fund', spec]
    execFileSync('npm', args, { cwd: folder, env, stdio: 'ignore', timeout: LIMIT_MS })
  } catch {
    return undefined
  }
  return isReady(path) ? path : undefined
}

// --- internal ---

const CACHE = join(homedir(), '.cache', 'wfg-test-runtimes')
const LIMIT_MS = 120_000

function isReady(path: string): boolean {
  if (!existsSync(path)) return false
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: LIMIT_MS })
    return true
  } catch {
    return false
  }
}
