/** The command line and the environment of the process of an isolated script: the fewest rights with which it can run. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { preparedFolder } from '../core/source_stack.ts'
import { cacheFolder } from '../host/cache_folder.mjs'
import type { Host } from '../host/host.ts'
import { stateFolder } from '../host/state_folder.ts'
import { knownPath } from '../host/windows_name.ts'
import { profileNames } from '../settings/settings.ts'
import { settingsFor } from '../tasks/history/history_folder.ts'
import { isWithin } from '../tasks/registry/grant_problems.ts'
import type { Grants } from '../tasks/registry/grants.ts'
import { filesOfScript, grantedPaths } from './readable_files.ts'

export interface Rights {
  /** The script, by which the system knows it. */
  readonly file: string
  /** Arguments of Deno: its flags, the program, and the folder of the prepared runtime. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

type RightsHost = Pick<Host, 'cwd' | 'env' | 'isAllowed' | 'platform' | 'secrets'>

/**
 * @param port of the broker. Default: no network at all
 * @param folder for what Deno keeps, such as `localStorage`
 * @throws {RefusedError} `WFG_REFUSED` if a link leads out of what is granted
 */
export function rightsOf(
  host: RightsHost,
  script: string,
  grants: Grants,
  port: number | undefined,
  folder: string,
): Rights {
  const { directory, net, memoryMb } = grants
  const { files, packages } = filesOfScript(script, directory)
  const secret = secretFolders(host, directory)
  // A folder that may be written may be read: a journal is, and a file is replaced whole. A dry run reads the pulled schema.
  const read = grantedPaths(directory, [...grants.read, ...grants.write, ...pulledSchema(directory)], secret)
  const write = grants.write.map((path) => resolve(directory, path)).flatMap((path) => [path, knownPath(path)])
  const prepared = preparedFolder()
  const packagesOf = join(directory, 'node_modules')
  const servers = port === undefined ? [] : [`127.0.0.1:${port}`, ...net]
  const env = Object.fromEntries(
    grants.env.flatMap((name) => (host.env[name] === undefined ? [] : [[name, host.env[name]]])),
  )
  return {
    file: files[0]!,
    env: { ...neededEnvironment(host), ...env, DENO_DIR: folder, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    args: [
      ...[
        'run',
        '--no-prompt',
        '--no-config',
        '--no-remote',
        '--cached-only',
        '--no-lock',
        '--no-code-cache',
        '--quiet',
      ],
      ...[
        '--node-modules-dir=manual',
        `--import-map=${importMap(packages, isWithin(knownPath(directory), files[0]!))}`,
      ],
      `--v8-flags=--max-old-space-size=${memoryMb}`,
      ...allow('read', [...files, ...OWN, packagesOf, knownPath(packagesOf), ...read]),
      ...allow('write', write),
      ...allow('net', servers),
      ...allow('env', grants.env),
      ...['--ignore-env', '--allow-sys=hostname,uid'],
      fileURLToPath(new URL('isolated/child.mjs', RUNTIME)),
      ...(prepared === undefined ? [] : [prepared]),
    ],
  }
}

// --- internal ---

/** The folder of the runtime's JavaScript: in a package, this file is compiled and elsewhere. */
const RUNTIME = new URL('../../runtime/', import.meta.url)
const ROOT = dirname(fileURLToPath(RUNTIME))
const PACKAGES = /[\\/]node_modules[\\/]wfg-scripts$/.test(ROOT) ? dirname(ROOT) : join(ROOT, 'node_modules')
/** What is trusted and has no secrets. */
const OWN = [
  ...new Set(
    ['runtime', 'dist', 'package.json']
      .map((name) => join(ROOT, name))
      .concat(PACKAGES)
      .flatMap((path) => [path, knownPath(path)]),
  ),
]

function pulledSchema(directory: string): string[] {
  const path = join('scripts', '.schema')
  return existsSync(join(directory, path)) ? [path] : []
}

const require = createRequire(import.meta.url)

function allow(right: string, names: readonly string[]): string[] {
  // Deno takes a comma for the end of a name, and two for one in it.
  return names.length === 0 ? [] : [`--allow-${right}=${names.map((name) => name.replaceAll(',', ',,')).join(',')}`]
}

/** The runtime's names lead to this one, and for a file from anywhere the others to its packages. */
function importMap(names: readonly string[], isInside: boolean): string {
  const imports: Record<string, string> = {}
  for (const name of names) {
    const own = OWN_NAMES[name.replace(/^wfg-scripts/, '#wfg')]
    const found = own ?? (isInside || /^(node|npm|jsr|data|https?):|^#/.test(name) ? undefined : resolved(name))
    if (found !== undefined) imports[name] = found
  }
  return `data:application/json,${encodeURIComponent(JSON.stringify({ imports }))}`
}

const OWN_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['#wfg', 'mod'],
    ['#wfg/tasks', 'tasks'],
    ['#wfg/testing', 'testing'],
  ].map(([name, file]) => [name, new URL(`prepared/${file}.mjs`, RUNTIME).href]),
)

function resolved(name: string): string | undefined {
  try {
    const path = require.resolve(name)
    return path.startsWith(dirname(PACKAGES)) ? pathToFileURL(path).href : undefined
  } catch {
    return undefined
  }
}

/** Where this user's secrets, tokens, records and queue are, of every profile. */
function secretFolders(host: RightsHost, directory: string): string[] {
  const all = [undefined, ...profileNames(directory)].flatMap((profile) => {
    const { settings } = settingsFor(host, directory, profile)
    const pathOf = (name: string): string | undefined => {
      const { value = '', directory: from = '' } = settings[name] ?? {}
      return value.trim() === '' ? undefined : resolve(from, value.trim())
    }
    const configured = pathOf('WFG_CACHE_DIR')
    const files = ['WFG_CLIENT_SECRET_FILE', 'WFG_PRIVATE_KEY_FILE'].map(pathOf)
    return [cacheFolder(host, configured), stateFolder(host, configured), ...files]
  })
  return all.filter((path) => path !== undefined)
}

/** Windows starts no program without these. */
function neededEnvironment({ env, platform }: RightsHost): Record<string, string> {
  if (platform !== 'win32') return {}
  const names = ['SystemRoot', 'SystemDrive', 'windir']
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
