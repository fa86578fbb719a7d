/** The command that adds packages to the installation that this runtime belongs to. */

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Host } from './host.ts'
import { packageProgram } from './user_shell.ts'

export interface Installation {
  /** A clone has all packages as development dependencies. A global installation has no `package.json`. */
  readonly kind: 'clone' | 'folder' | 'global'
  readonly manager: Host['runtime']
  /** Where the command runs. */
  readonly directory: string
}

export function installationOf(runtime: Host['runtime']): Installation {
  const isClone = basename(dirname(PACKAGE)) !== 'node_modules'
  const directory = isClone ? PACKAGE : dirname(dirname(PACKAGE))
  const isFolder = existsSync(join(directory, 'package.json'))
  // Deno would replace what npm installed, and break an archive that npm unpacked.
  const isByNpm = existsSync(join(directory, 'node_modules', '.package-lock.json'))
  return { kind: isClone ? 'clone' : isFolder ? 'folder' : 'global', manager: isByNpm ? 'node' : runtime, directory }
}

/**
 * @param packages names and ranges
 * @param use `development` for what only the sandbox and tests need
 */
export function packageCommand(
  packages: Readonly<Record<string, string>>,
  use: 'always' | 'development',
  { kind, manager }: Pick<Installation, 'kind' | 'manager'>,
): string {
  const commands = COMMANDS[manager]
  if (kind === 'clone') return commands.clone
  const specifiers = Object.entries(packages).map((each) => specifier(each, manager))
  return [commands[kind === 'global' ? kind : use], ...specifiers].join(' ')
}

// --- internal ---

/** The folder of this package, as source and as compiled. */
const PACKAGE = dirname(fileURLToPath(new URL('../../package.json', import.meta.url)))

const NPM = packageProgram('npm')

const COMMANDS = {
  node: {
    clone: `${NPM} install --include=dev`,
    always: `${NPM} install`,
    development: `${NPM} install --save-dev`,
    global: `${NPM} install --global`,
  },
  deno: { clone: 'deno install', always: 'deno add', development: 'deno add --dev', global: 'deno add' },
  bun: { clone: 'bun install', always: 'bun add', development: 'bun add --dev', global: 'bun add --global' },
} as const

/** Returns e.g. `jose@6`. PowerShell needs quotes around what starts with `@`. */
function specifier([name, range]: [string, string], manager: Host['runtime']): string {
  // The first of several versions, because that of pg-boss works on Node 20 too.
  const version = /0\.\d+|\d+/.exec(range)![0]
  const text = `${manager === 'deno' ? 'npm:' : ''}${name}@${version}`
  return text.startsWith('@') ? `"${text}"` : text
}
