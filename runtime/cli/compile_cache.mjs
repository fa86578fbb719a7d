/** Where Node may keep the code it has compiled, so that the next start need not. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { cacheFolder, runsInCi } from '../cache_folder.mjs'

/**
 * The folder, made and nobody else's: whoever may write to it decides what runs. It is beside the tokens, and there is
 * none where `WFG_TOKEN_CACHE` is `off`, in whichever of the settings: without it a start only takes longer.
 *
 * @param {Pick<NodeJS.Process, 'env' | 'platform' | 'cwd' | 'geteuid'>} process
 * @param {string} directory the folder that holds `.env`
 * @returns {string | undefined}
 */
export function compileCacheFolder({ env, platform, cwd, geteuid }, directory) {
  try {
    const files = readdirSync(directory).filter((name) => /^\.env(\.(?!example$)|$)/.test(name))
    const settings = files.sort().map((name) => parseEnv(readFileSync(join(directory, name), 'utf8')))
    const modes = [env, ...settings].map((each) => each['WFG_TOKEN_CACHE']?.trim()).filter(Boolean)
    if (modes.includes('off') || (modes.length === 0 && runsInCi(env))) return undefined
    const inEnv = env['WFG_CACHE_DIR']?.trim()
    const inFile = settings.find((each) => each['WFG_CACHE_DIR']?.trim())?.['WFG_CACHE_DIR']
    const configured = inEnv ? resolve(cwd(), inEnv) : inFile && resolve(directory, inFile.trim())
    const parent = cacheFolder({ env, platform }, configured || undefined)
    if (parent === undefined) return undefined
    const folder = join(parent, 'compiled')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const found = statSync(folder)
    const isOurs = geteuid === undefined || (found.uid === geteuid() && (found.mode & 0o022) === 0)
    return isOurs ? folder : undefined
  } catch {
    return undefined
  }
}
