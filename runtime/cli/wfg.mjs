#!/usr/bin/env node
/**
 * `wfg`: the command line of the nearest `tasks.ts`, in the working directory or a folder above it. It is JavaScript,
 * because it sets up what runs TypeScript.
 */
import { existsSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { refusal, trustedUsers } from '../host/trusted_files.mjs'

/** Commands that work without a `tasks.ts`. */
const ANYWHERE = ['init', 'sandbox', 'completion', 'help', '--help', '--version']

const cwd = process.cwd()
const found = nearestTasks(cwd)
const isAnywhere = process.argv.some((word) => ANYWHERE.includes(word))
if (found !== undefined || isAnywhere) {
  await start(found ?? join(cwd, 'tasks.ts'))
} else {
  stop(
    `Cannot find the tasks: there is no tasks.ts in ${quoted(cwd)} or in a folder above it; ` +
      'go to the folder of your tasks, or create one here with `npx wfg init --here`.',
  )
}

/** @param {string} file */
async function start(file) {
  const theirs = runtimeOf(file)
  if (theirs === '' && found !== undefined && !isAnywhere) return stop(notInstalled('wfg-scripts'))
  const runtime = theirs || runtimeOf(fileURLToPath(import.meta.url))
  if (!hasPackages(runtime) && !isAnywhere) return stop(notInstalled('valibot'))
  // Checked before any code of the folder runs.
  const refused = refusal(dirname(file), users(), [fileURLToPath(runtime)])
  if (refused !== undefined) return stop(refused, 7)
  const importScript = await prepare(runtime, dirname(file))
  const { defineTasks, main } = await import(runtime)
  const url = pathToFileURL(file).href
  // `init --here` works beside a tasks.ts of another kind, and one that fails.
  const isRead = theirs !== '' && existsSync(file) && !['init', '--here'].every((word) => process.argv.includes(word))
  const { tasks } = isRead ? await importScript(url) : { tasks: defineTasks(url, {}) }
  if (tasks) return main({ url, main: true }, tasks)
  stop(`Cannot find the tasks: "${file}" exports none; write \`export const tasks = defineTasks(…)\` in it.`)
}

/** @type {(directory: string) => string | undefined} */
function nearestTasks(directory) {
  const file = join(directory, 'tasks.ts')
  if (existsSync(file)) return file
  const above = dirname(directory)
  return above === directory ? undefined : nearestTasks(above)
}

/**
 * Returns the address of the runtime that this file imports. It is not always the one beside the launcher, and only one may
 * be loaded.
 *
 * @param {string} file
 */
function runtimeOf(file) {
  const path = resolved('#wfg/tasks', file) ?? resolved('wfg-scripts/tasks', file)
  return path === undefined ? '' : pathToFileURL(path).href
}

/** @type {(name: string, importer: string) => string | undefined} */
function resolved(name, importer) {
  try {
    return createRequire(importer).resolve(name)
  } catch {
    return undefined
  }
}

/**
 * False in a clone before `npm ci`. Looking for the folder first saves time.
 *
 * @param {string} runtime
 */
function hasPackages(runtime) {
  const folder = new URL('../../node_modules/valibot', runtime)
  return runtime.includes('/node_modules/') || existsSync(folder) || !!resolved('valibot', fileURLToPath(runtime))
}

/**
 * Makes TypeScript run, in the fastest way that the runtime has.
 *
 * @param {string} runtime
 * @param {string} directory the folder that holds `.env`
 * @returns {Promise<(address: string) => Promise<any>>} imports a file
 */
async function prepare(runtime, directory) {
  if (process.versions['deno'] || process.versions['bun']) return importModule
  const { typescript } = /** @type {{ typescript?: unknown }} */ (process.features)
  const { compileCacheFolder, typeScriptCache } = await import('../prepared/compile_cache.mjs')
  if (typescript) {
    const folder = compileCacheFolder(process, directory)
    const { enableCompileCache } = /** @type {{ enableCompileCache?: (folder: string) => unknown }} */ (module)
    if (folder !== undefined) enableCompileCache?.(folder)
    return importModule
  }
  const prepared = await preparedRuntime(runtime)
  // Before tsx, whose hooks handle each module in another thread.
  if (prepared) await import(runtime)
  const cache = prepared?.importScriptsBy && typeScriptCache(process, directory)
  if (!cache) {
    // @ts-expect-error: tsx has no types for this
    await import('tsx')
    return importModule
  }
  process.setSourceMapsEnabled(true)
  const { typeScriptImporter } = await import('../prepared/typescript.mjs')
  const importScript = typeScriptImporter(cache)
  prepared.importScriptsBy(importScript)
  return importScript
}

/** @type {(address: string) => Promise<any>} */
function importModule(address) {
  return import(address)
}

/**
 * Undefined if its sources run.
 *
 * @param {string} runtime
 */
async function preparedRuntime(runtime) {
  const file = new URL('prepared.mjs', runtime)
  const prepared = existsSync(file) ? await import(file.href) : undefined
  return (await prepared?.isPrepared()) ? prepared : undefined
}

function users() {
  const { Deno: deno } = /** @type {{ Deno?: any }} */ (globalThis)
  /** @type {(permission: object) => boolean} */
  const has = (permission) =>
    deno?.permissions === undefined || deno.permissions.querySync(permission).state === 'granted'
  const isTold = has({ name: 'sys', kind: 'uid' }) && has({ name: 'env', variable: 'WFG_TRUST_OWNER' })
  return isTold ? trustedUsers(process.env, process.geteuid?.()) : undefined
}

/**
 * Control characters as escapes; the backslashes of Windows are not doubled.
 *
 * @type {(path: string) => string}
 */
function quoted(path) {
  return JSON.stringify(path).replaceAll('\\\\', '\\')
}

/** @type {(name: string) => string} */
function notInstalled(name) {
  const folder = quoted(dirname(found ?? cwd))
  return `Cannot start the tasks in ${folder}: the package ${JSON.stringify(name)} is not installed. Run \`npm install\` there.`
}

/** @param {string} sentence */
function stop(sentence, exitCode = 2) {
  process.stderr.write(`error: ${sentence}\n`)
  process.exitCode = exitCode
}
