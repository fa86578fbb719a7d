/** Finds Deno, which runs isolated scripts: the program of this process, that of the packages, or the one on PATH. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, RefusedError } from '../core/errors.ts'
import type { Host } from '../host/host.ts'
import { installationOf, packageCommand } from '../host/package_command.ts'

/** The version that this was tested with. A newer one is used too. */
const TESTED = '2.9.6'
/** The first version that is used. */
const LEAST = '2.9.0'

export interface FoundDeno {
  readonly path: string
  /** Undefined if only the program itself can tell. */
  readonly version: string | undefined
}

type DenoHost = Pick<Host, 'env' | 'execPath' | 'isAllowed' | 'platform' | 'runtime' | 'versions'>

/**
 * @throws {ConfigError} `WFG_CONFIG` with the command that adds it
 * @throws {RefusedError} `WFG_REFUSED` if this process may not start it
 */
export function findDeno(host: DenoHost): FoundDeno {
  const found = lookForDeno(host)
  if (!found) throw missing(host, 'there is no Deno on PATH or in the packages')
  if (found.version !== undefined && isOlder(found.version, LEAST)) throw tooOld(host, found.version)
  if (!host.isAllowed('run', found.path)) {
    throw new RefusedError(
      'Cannot run the script isolated: this process may not start Deno. Start the tool with --allow-run, or with Node.',
    )
  }
  return found
}

/** Says which Deno is used, for a bug report. */
export function describeDeno(host: DenoHost): string {
  const found = lookForDeno(host)
  if (!found) return 'none'
  const version = found.version ?? versionOf(found.path)
  return `deno ${version}${isOlder(TESTED, version) ? ` (newer than ${TESTED}, with which they were tested)` : ''}`
}

function lookForDeno(host: DenoHost): FoundDeno | undefined {
  if (host.runtime === 'deno') return { path: host.execPath, version: /^deno (\S+?),/.exec(host.versions)?.[1] }
  return packagedDeno(host) ?? onPath(host)
}

export function tooOld(host: DenoHost, version: string): ConfigError {
  return missing(host, `Deno ${version} is too old, and ${LEAST} is the first that has the flags`)
}

/** True if the first version is older than the second. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(/[.+-]/).map(Number)) as [number[], number[]]
  const at = [0, 1, 2].find((index) => a[index] !== b[index])
  return at !== undefined && (a[at] ?? 0) < (b[at] ?? 0)
}

// --- internal ---

function versionOf(program: string): string {
  return /^deno (\S+)/.exec(String(spawnSync(program, ['--version']).stdout))?.[1] ?? 'of an unknown version'
}

/** The folder of this package, as source and as compiled. */
const PACKAGE = dirname(fileURLToPath(new URL('../../package.json', import.meta.url)))

function missing({ runtime }: Pick<Host, 'runtime'>, found: string): ConfigError {
  const installation = installationOf(runtime)
  const command = packageCommand({ deno: `^${TESTED}` }, 'always', installation)
  return new ConfigError(`Cannot run the script isolated: ${found}. Add it with \`${command}\`.`)
}

/** The program comes in a package for each system, which needs no install script. */
function packagedDeno({ platform }: DenoHost): FoundDeno | undefined {
  for (let folder = PACKAGE; ; folder = dirname(folder)) {
    const packages = join(folder, 'node_modules', '@deno')
    const name = platform === 'win32' ? 'deno.exe' : 'deno'
    for (const each of namesIn(packages)) {
      const path = join(packages, each, name)
      if (existsSync(path)) return { path, version: versionIn(join(packages, each, 'package.json')) }
    }
    if (folder === dirname(folder)) return undefined
  }
}

function onPath({ env, platform }: DenoHost): FoundDeno | undefined {
  const name = platform === 'win32' ? 'deno.exe' : 'deno'
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(Boolean)
  const path = folders.map((folder) => join(folder, name)).find((each) => existsSync(each))
  return path === undefined ? undefined : { path, version: undefined }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function versionIn(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version
  } catch {
    return undefined
  }
}
