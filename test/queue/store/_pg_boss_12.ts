/** pg-boss 12, which needs a newer Node than 20: a copy of the runtime and its tests where that package is the engine. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import process from 'node:process'
import { REPOSITORY, temporaryFolder } from '../../_cli.ts'
import { node24 } from '../../_node24.ts'
import { CACHE, installPackage } from '../../_runtimes.ts'

export interface WithPgBoss12 {
  readonly node: string
  /** Of the copy. */
  readonly folder: string
  cleanup(): void
}

/** Undefined where Node 24 or the package cannot be had. */
export async function withPgBoss12(): Promise<WithPgBoss12 | undefined> {
  const node = await node24()
  if (!node) return undefined
  const packages = installedPackages()
  if (!packages) return undefined
  const folder = temporaryFolder()
  const cleanup = () => rmSync(folder, { recursive: true, force: true })
  // Of the tests only those of the queue.
  const filter = (path: string) => !path.endsWith('.test.ts') || path.includes(`${sep}queue${sep}`)
  for (const part of ['runtime', 'test', 'package.json']) {
    cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true, filter })
  }
  const own = join(folder, 'node_modules')
  mkdirSync(own)
  for (const name of readdirSync(join(REPOSITORY, 'node_modules'))) {
    const source = name === 'pg-boss' ? join(packages, name) : join(REPOSITORY, 'node_modules', name)
    symlinkSync(source, join(own, name), 'junction')
  }
  writeFileSync(join(folder, '.is-copy'), '')
  return { node, folder, cleanup }
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
