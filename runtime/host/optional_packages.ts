/**
 * Packages that only one feature needs. They are optional peer dependencies: a feature loads them when it is used, and
 * they may not be installed.
 */
import { readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.ts'

export type Feature = keyof typeof FEATURES

/**
 * Runs `load`, which imports packages of `feature`.
 *
 * @throws {ConfigError} `WFG_CONFIG` if one of them is not installed; the message has the command that adds them
 * @example
 * const pg = await withPackages('postgresql', host.runtime, () => import('pg'))
 */
export async function withPackages<Result>(
  feature: Feature,
  runtime: 'node' | 'deno' | 'bun',
  load: () => Promise<Result>,
): Promise<Result> {
  try {
    return await load()
  } catch (error) {
    const { cannot, packages, adds, or } = FEATURES[feature]
    const missing = packages.find((name) => isMissing(error, name))
    if (missing === undefined) throw error
    const command = [
      ...COMMANDS[runtime][adds],
      ...Object.entries(packagesOf(feature)).map((each) => specifier(each, runtime)),
    ].join(' ')
    const remedy = `Add what it needs with \`${command}\`${or}.`
    throw new ConfigError(`${cannot}: the package ${JSON.stringify(missing)} is not installed. ${remedy}`, { remedy })
  }
}

/** Returns the packages of `feature` with the ranges of their versions. */
export function packagesOf(feature: Feature): Record<string, string> {
  const { peerDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return Object.fromEntries(FEATURES[feature].packages.map((name) => [name, peerDependencies[name]]))
}

// --- internal ---

const FEATURES = {
  sandbox: {
    cannot: 'Cannot start the sandbox',
    packages: ['oidc-provider', 'graphql-yoga', '@graphql-yoga/render-graphiql', 'jose'],
    adds: 'development',
    or: ', or connect your server with `npx wfg init`',
  },
  postgresql: { cannot: 'Cannot open the queue', packages: ['pg-boss', 'pg'], adds: 'always', or: '' },
  pglite: { cannot: 'Cannot open the queue', packages: ['pg-boss', '@electric-sql/pglite'], adds: 'always', or: '' },
} as const

const COMMANDS = {
  node: { always: ['npm', 'install'], development: ['npm', 'install', '--save-dev'] },
  deno: { always: ['deno', 'add'], development: ['deno', 'add', '--dev'] },
  bun: { always: ['bun', 'add'], development: ['bun', 'add', '--dev'] },
} as const

/** Returns e.g. `jose@6`. PowerShell needs quotes around what starts with `@`. */
function specifier([name, range]: [string, string], runtime: 'node' | 'deno' | 'bun'): string {
  // The first of several versions, because that of pg-boss works on Node 20 too.
  const version = /0\.\d+|\d+/.exec(range)![0]
  const text = `${runtime === 'deno' ? 'npm:' : ''}${name}@${version}`
  return text.startsWith('@') ? `"${text}"` : text
}

function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  const isNotFound = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || !code
  return (
    isNotFound &&
    // A package that it imports itself appears in the message with its path.
    new RegExp(`['"]${name}['"]`).test(message) &&
    /cannot find|could not find|not found|not a dependency|not in import map/i.test(message)
  )
}
