/**
 * Packages that only one feature needs. They are optional peer dependencies: a feature loads them when it is used, and
 * they may not be installed.
 */

import { readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.ts'
import type { Host } from './host.ts'
import { type Installation, installationOf, packageCommand } from './package_command.ts'
import { packageProgram } from './user_shell.ts'

export type Feature = keyof typeof FEATURES

/** A feature was used without its packages. The message has the command that adds them. */
export class MissingPackages extends ConfigError {
  readonly #command: { readonly line: string; readonly directory: string }
  readonly #problem: string

  constructor(feature: Feature, name: string, installation: Installation) {
    const { cannot, adds, or } = FEATURES[feature]
    const line = packageCommand(packagesOf(feature), adds, installation)
    const problem = `${cannot}: the package ${JSON.stringify(name)} is not installed.`
    const remedy = `Add what it needs with \`${line}\`${or}.`
    super(`${problem} ${remedy}`, { remedy })
    this.#command = { line, directory: installation.directory }
    this.#problem = problem
  }

  get command(): { readonly line: string; readonly directory: string } {
    return this.#command
  }

  /** The message without the command. */
  get problem(): string {
    return this.#problem
  }
}

/**
 * Runs `load`, which imports packages of `feature`.
 *
 * @throws {MissingPackages} `WFG_CONFIG` if one of them is not installed
 * @example
 * const pg = await withPackages('postgresql', host.runtime, () => import('pg'))
 */
export async function withPackages<Result>(
  feature: Feature,
  runtime: Host['runtime'],
  load: () => Promise<Result>,
): Promise<Result> {
  try {
    return await load()
  } catch (error) {
    throw missingOf(feature, error, runtime) ?? error
  }
}

/** Returns the error to show if a package of any feature is missing: scripts import some themselves. */
export function missingPackages(error: unknown, runtime: Host['runtime']): MissingPackages | undefined {
  if (error instanceof MissingPackages) return error
  const features = Object.keys(FEATURES) as Feature[]
  return features.map((feature) => missingOf(feature, error, runtime)).find(Boolean)
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
    or: `, or connect your server with \`${packageProgram('npx')} wfg init\``,
  },
  postgresql: { cannot: 'Cannot open the queue', packages: ['pg-boss', 'pg'], adds: 'always', or: '' },
  pglite: { cannot: 'Cannot open the queue', packages: ['pg-boss', '@electric-sql/pglite'], adds: 'always', or: '' },
  csv: { cannot: 'Cannot read CSV files', packages: ['csv-parse'], adds: 'always', or: '' },
  excel: {
    cannot: 'Cannot read or write Excel files',
    packages: ['read-excel-file', 'write-excel-file', 'fflate'],
    adds: 'always',
    or: '',
  },
  metrics: { cannot: 'Cannot serve metrics', packages: ['prom-client'], adds: 'always', or: '' },
  charts: { cannot: 'Cannot draw charts', packages: ['chart.js'], adds: 'always', or: '' },
} as const

function missingOf(feature: Feature, error: unknown, runtime: Host['runtime']): MissingPackages | undefined {
  const missing = FEATURES[feature].packages.find((name) => isMissing(error, name))
  return missing === undefined ? undefined : new MissingPackages(feature, missing, installationOf(runtime))
}

function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false
  const { code, message } = error as NodeJS.ErrnoException
  const isNotFound = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || !code
  return (
    isNotFound &&
    // A package that it imports itself appears in the message with its path.
    new RegExp(`['"]${name}['"/]`).test(message) &&
    /cannot find|could not (find|resolve)|not found|not a dependency|not in import map/i.test(message)
  )
}
