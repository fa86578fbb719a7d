/** Node 24, which runs TypeScript by itself: from the npm registry, once for all tests of this process. */
import { execFile } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder } from './_cli.ts'

let asked: Promise<string | undefined> | undefined

/** Path of the program; undefined where it cannot be had. */
export function node24(): Promise<string | undefined> {
  asked ??= install()
  return asked
}

// --- internal ---

const QUICK = ['--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier']

function install(): Promise<string | undefined> {
  const folder = temporaryFolder()
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  // Without what the npm that runs the tests says of this repository.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|WFG_|NODE_V8_)/.test(name)))
  const settings = { cwd: folder, env, timeout: 60_000, killSignal: 'SIGKILL' } as const
  return new Promise((resolve) => {
    execFile('npm', ['install', '--prefix', folder, ...QUICK, 'node@24'], settings, (error) => {
      const program = join(folder, 'node_modules', '.bin', 'node')
      resolve(error || !existsSync(program) ? undefined : program)
    })
  })
}
