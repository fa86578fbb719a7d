/** Keeps the prepared runtime on disk. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { crc32 } from 'node:zlib'
import { build, SANDBOX_PACKAGES } from './build.mjs'
import { makePrivate, mayKeepFiles } from './compile_cache.mjs'
import { INDEX, lookAtOurs, SUM_BYTES, stateOf } from './prepared.mjs'

/**
 * Prepares the runtime and returns its folder. Several processes may do this at the same time.
 *
 * @param {string} runtime absolute path of the sources
 * @param {string} parent folder for all of them
 * @returns {Promise<string | undefined>} undefined if nothing may be kept on disk
 */
export async function prepare(runtime, parent) {
  if (!mayKeepFiles(process, dirname(runtime)) || !isOfUse(parent)) return undefined
  const { files, inputs } = await build(
    runtime,
    pathToFileURL(join(runtime, 'prepared', 'prepared.mjs')).href,
    SANDBOX_PACKAGES.filter((name) => existsSync(join(dirname(runtime), 'node_modules', name))),
  )
  const hash = createHash('sha256').update(INDEX)
  for (const [name, content] of files) hash.update(name).update(content)
  const folder = hash.digest('hex').slice(0, 16)
  const own = join(parent, `${folder}.${process.pid}`)
  makePrivate(own)
  try {
    for (const [name, content] of files) writeFileSync(join(own, name), content, { mode: FILE_MODE })
    moveUnlessThere(own, join(parent, folder), files)
    const names = [...files.keys()].filter((name) => !name.endsWith('.map'))
    const parts = Object.fromEntries(names.map((name) => [name, stateOf(join(parent, folder, name))]))
    writeWhole(join(parent, INDEX), JSON.stringify({ runtime, folder, files: inputs, parts }))
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
  removeOld(parent, [folder, INDEX])
  return join(parent, folder)
}

/**
 * Keeps the compiled code when the process ends, because by then it has the functions that a run needs.
 *
 * @param {import('node:vm').Script} script
 * @param {string} file
 * @param {string} root the folder that holds `.env`
 */
export function keepCompiled(script, file, root) {
  if (!mayKeepFiles(process, root)) return
  process.once('exit', () => {
    try {
      makePrivate(dirname(file))
      const data = script.createCachedData()
      const sum = Buffer.alloc(SUM_BYTES)
      sum.writeUInt32LE(crc32(data))
      writeWhole(file, Buffer.concat([data, sum]))
    } catch {
      // The next start only takes longer.
    }
  })
}

/**
 * Removes what is older than a week. Newer files may still be loaded by a process that runs.
 *
 * @param {string} parent
 * @param {readonly string[]} kept names
 */
export function removeOld(parent, kept) {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name)
    // Another process may have removed it.
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    if (!kept.includes(name) && Date.now() - mtimeMs > WEEK_MS) rmSync(path, { recursive: true, force: true })
  }
}

/**
 * Nobody sees half of the file.
 *
 * @type {(file: string, content: string | Uint8Array) => void}
 */
export function writeWhole(file, content) {
  const own = `${file}.${process.pid}`
  try {
    writeFileSync(own, content, { mode: FILE_MODE })
    renameSync(own, file)
  } finally {
    rmSync(own, { force: true })
  }
}

// --- internal ---

const WEEK_MS = 7 * 86_400_000
const FILE_MODE = 0o600

/**
 * False if the folder cannot be written, or is reached by a link: then the modules would not find the packages.
 *
 * @param {string} parent
 */
function isOfUse(parent) {
  makePrivate(parent)
  accessSync(parent, constants.W_OK)
  const packages = dirname(dirname(parent))
  return realpathSync(parent) === join(realpathSync(packages), relative(packages, parent))
}

/** @type {(from: string, to: string, files: ReadonlyMap<string, string>) => void} */
function moveUnlessThere(from, to, files) {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
    for (const path of [to, ...[...files.keys()].map((name) => join(to, name)).filter(existsSync)]) lookAtOurs(path)
    if ([...files].every(([name, content]) => contentOf(join(to, name)) === content)) return
    rmSync(to, { recursive: true, force: true })
    moveUnlessThere(from, to, files)
  }
}

/** @type {(file: string) => string | undefined} */
function contentOf(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
