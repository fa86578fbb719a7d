/** Where the programs are that the benchmark starts. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { REPOSITORY } from '../_cli.ts'
import { npmProgram, onNode, type Packages } from './packages.ts'

export type Program = 'node20' | 'node24' | 'npx' | 'deno'

/**
 * Path of the program; `npx` is one that Node starts.
 *
 * @throws {Error} when it is not to be had
 */
export function programPath(name: Program, packages: Packages): string {
  if (name === 'npx') return npmProgram('npx')
  if (name === 'deno') return denoPath()
  if (name === 'node20' && onNode(20)) return process.execPath
  return join(packages.folderOf(name), 'bin', `node${SUFFIX}`)
}

// --- internal ---

const SUFFIX = process.platform === 'win32' ? '.exe' : ''

/** The program itself: what npm puts into `.bin` starts Node first. */
function denoPath(): string {
  const modules = join(REPOSITORY, 'node_modules')
  const scope = join(modules, '@deno')
  const platforms = existsSync(scope) ? readdirSync(scope).map((name) => join(scope, name)) : []
  const paths = [join(modules, 'deno'), ...platforms].map((folder) => join(folder, `deno${SUFFIX}`))
  const found = paths.find((path) => existsSync(path))
  if (found === undefined) throw new Error('Deno is not to be had: npm did not install it')
  return found
}
