/** pg-boss 12, which needs a newer Node than 20: a copy of the runtime and its tests where that package is the engine. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { REPOSITORY, temporaryFolder } from '../../_cli.ts'
import { node24 } from '../../_node24.ts'

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
  const packages = temporaryFolder()
  const folder = temporaryFolder()
  const cleanup = () => {
    for (const each of [packages, folder]) rmSync(each, { recursive: true, force: true })
  }
  try {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|WFG_|NODE_V8_)/.test(name)))
    const args = ['install', '--prefix', packages, '--force', '--no-audit', '--no-fund', '--prefer-offline', PACKAGE]
    await execute('npm', args, { cwd: packages, env, timeout: 90_000 })
  } catch {
    cleanup()
    return undefined
  }
  for (const part of ['runtime', 'test', 'package.json']) {
    cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true })
  }
  const own = join(folder, 'node_modules')
  mkdirSync(own)
  for (const name of readdirSync(join(REPOSITORY, 'node_modules'))) {
    const source = name === 'pg-boss' ? join(packages, 'node_modules', name) : join(REPOSITORY, 'node_modules', name)
    symlinkSync(source, join(own, name), 'junction')
  }
  writeFileSync(join(folder, '.is-copy'), '')
  return { node, folder, cleanup }
}

// --- internal ---

const execute = promisify(execFile)
const PACKAGE = 'pg-boss@12.38.0'
