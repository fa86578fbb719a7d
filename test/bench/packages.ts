/** Packages that only the benchmark uses, installed by npm when they are needed, outside of the project. */
import { execFile } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { REPOSITORY } from '../_cli.ts'

export interface Packages {
  /**
   * The package's folder.
   *
   * @throws {Error} when it is not to be had
   */
  folderOf(name: string): string
  /** Versions of those that are there. */
  readonly versions: Readonly<Record<string, string>>
  /** What is not to be had, and why. */
  readonly missing: readonly string[]
}

/** What the project has as well is taken in the same version. */
const WANTED: Readonly<Record<string, string>> = {
  tsx: versionIn(join(REPOSITORY, 'node_modules', 'tsx'))!,
  zx: versionIn(join(REPOSITORY, 'node_modules', 'zx'))!,
  graphql: versionIn(join(REPOSITORY, 'node_modules', 'graphql'))!,
  'graphql-request': '7',
  'openid-client': '6',
  '@octokit/graphql': '9',
}

/** Its folder of packages, kept for the next time: one for each user, which nobody else may write to. */
export const PACKAGES_FOLDER = join(realpathSync(tmpdir()), `wfg-bench-${process.geteuid?.() ?? 'packages'}`)

/** @param tell told what is going on */
export async function installPackages(tell: (text: string) => void): Promise<Packages> {
  const folder = ownFolder(PACKAGES_FOLDER)
  const wanted = { ...WANTED, ...(onNode(20) ? {} : { node20: 'npm:node@20' }), node24: 'npm:node@24' }
  const missing: string[] = []
  for (const [name, version] of Object.entries(wanted)) {
    const found = versionIn(join(folder, 'node_modules', name))
    if (found !== undefined && (found === version || RANGE.test(version))) continue
    tell(`installing ${name}@${version}`)
    const failure = await install(folder, `${name}@${version}`)
    if (failure !== undefined) missing.push(`${name} is not to be had: ${failure}`)
  }
  const found = Object.keys(wanted).map((name) => [name, versionIn(join(folder, 'node_modules', name))])
  const versions = Object.fromEntries(found.filter(([, version]) => version !== undefined)) as Record<string, string>
  return {
    missing,
    versions,
    folderOf(name) {
      if (name in versions) return join(folder, 'node_modules', name)
      throw new Error(missing.find((reason) => reason.startsWith(`${name} `)) ?? `${name} is not to be had`)
    },
  }
}

/** npm's own program `npm` or `npx`, which is started by Node, because on Windows the command is one of the shell. */
export function npmProgram(name: 'npm' | 'npx'): string {
  const beside = dirname(realpathSync(process.execPath))
  const places = [
    ...(process.env['npm_execpath'] ? [dirname(process.env['npm_execpath'])] : []),
    join(beside, 'node_modules', 'npm', 'bin'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin'),
  ]
  const found = places.map((place) => join(place, `${name}-cli.js`)).find((path) => existsSync(path))
  if (found === undefined) throw new Error(`${name} is not to be had: it is not beside Node; start with npm run bench`)
  return found
}

/** The version of the package in this folder; undefined where there is none. */
export function versionIn(folder: string): string | undefined {
  const file = join(folder, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined
}

/** Whether the benchmark itself runs on this Node. */
export function onNode(major: number): boolean {
  return process.versions.node.startsWith(`${major}.`) && process.versions['deno'] === undefined
}

// --- internal ---

const LIMIT_MS = 120_000
/** Any version that was installed for it will do. */
const RANGE = /@|^\d+$/

/** @returns why not, when it failed */
function install(folder: string, specifier: string): Promise<string | undefined> {
  const flags = ['--prefix', folder, '--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier']
  const entries = Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|WFG_)/.test(name))
  const env = Object.fromEntries(entries) as Record<string, string>
  return new Promise((resolve) => {
    const args = [npmProgram('npm'), 'install', ...flags, specifier]
    execFile(process.execPath, args, { cwd: folder, env, timeout: LIMIT_MS }, (error, _, stderr) => {
      resolve(error ? (stderr.trim().split('\n')[0] ?? error.message) : undefined)
    })
  })
}

/** Whoever may write to it decides what runs. */
function ownFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const found = lstatSync(path)
  const uid = process.geteuid?.()
  if (!found.isDirectory() || (uid !== undefined && (found.uid !== uid || (found.mode & 0o022) !== 0))) {
    throw new Error(`others may write to the folder ${JSON.stringify(path)} of its packages; remove it`)
  }
  const manifest = join(path, 'package.json')
  if (!existsSync(manifest)) writeFileSync(manifest, JSON.stringify({ private: true }))
  return path
}
