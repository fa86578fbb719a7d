/** Keeps the prepared runtime on disk. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { INDEX, stateOf } from './prepared.mjs'

/**
 * Makes the runtime anew and says where it is; several processes may do so at once, and each ends with a whole one.
 *
 * @param {string} runtime absolute path of the sources
 * @param {string} parent folder for all of them
 * @returns {Promise<string>}
 */
export async function prepare(runtime, parent) {
  const url = (/** @type {string} */ path) => pathToFileURL(join(runtime, path)).href
  const { files, inputs } = await build(runtime, (path) => JSON.stringify(url(path)), url('prepared/prepared.mjs'))
  const states = Object.fromEntries(inputs.map((path) => [path, stateOf(path)]))
  const hash = createHash('sha256').update(process.version).update(runtime)
  for (const [name, content] of files) hash.update(name).update(content)
  const folder = hash.digest('hex').slice(0, 16)
  const own = join(parent, `${folder}.${process.pid}`)
  mkdirSync(own, { recursive: true })
  try {
    if (!existsSync(join(parent, folder))) {
      for (const [name, content] of files) writeFileSync(join(own, name), content)
      moveUnlessThere(own, join(parent, folder))
    }
    const index = join(parent, `${INDEX}.${process.pid}`)
    writeFileSync(index, JSON.stringify({ folder, files: states }))
    renameSync(index, join(parent, INDEX))
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
  removeOld(parent, folder)
  return join(parent, folder)
}

// --- internal ---

const DAY_MS = 86_400_000

/** @type {(from: string, to: string) => void} */
function moveUnlessThere(from, to) {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}

/**
 * A process that runs may load more of what it began with, so what is a day old goes, and no sooner.
 *
 * @param {string} parent
 * @param {string} kept
 */
function removeOld(parent, kept) {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name)
    const { mtimeMs } = statSync(path)
    if (name !== kept && name !== INDEX && Date.now() - mtimeMs > DAY_MS) rmSync(path, { recursive: true, force: true })
  }
}
