/** pg-boss 12, which needs a newer Node than 20: a Node 24 that has it as the engine. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { node24 } from '../../_node24.ts'
import { CACHE, installPackage } from '../../_runtimes.ts'

export interface WithPgBoss12 {
  readonly node: string
  /** Makes that Node, and those that it starts, take pg-boss 12 in place of the one among the packages. */
  readonly env: Readonly<Record<string, string>>
}

/** Undefined where Node 24 or the package cannot be had. */
export async function withPgBoss12(): Promise<WithPgBoss12 | undefined> {
  const node = await node24()
  const packages = node && installedPackages()
  if (!packages) return undefined
  const parentURL = JSON.stringify(pathToFileURL(join(packages, 'x.mjs')))
  const hook = `import { registerHooks } from 'node:module'
registerHooks({ resolve: (name, at, next) => next(name, name === 'pg-boss' ? { ...at, parentURL: ${parentURL} } : at) })`
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(hook)}`
  return { node, env: { NODE_OPTIONS, TEST_PG_BOSS: join(packages, 'pg-boss') } }
}

// --- internal ---

const PACKAGE = 'pg-boss@12.38.0'

/** Where pg-boss 12 is, installed once; undefined if npm cannot. */
function installedPackages(): string | undefined {
  const folder = join(CACHE, PACKAGE.replace('@', '-'))
  const packages = join(folder, 'node_modules')
  if (existsSync(packages)) return packages
  // Beside it, and then in its place: others may ask for it meanwhile.
  const part = `${folder}.${process.pid}`
  try {
    if (!installPackage(part, PACKAGE, ['--force'])) return undefined
    renameSync(part, folder)
  } catch {
    // Another process was first.
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
  return existsSync(packages) ? packages : undefined
}
