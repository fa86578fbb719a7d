#!/usr/bin/env node
/**
 * `wfg`: the command line of the nearest `tasks.ts`, looked for from the working directory upwards. It is JavaScript
 * because it is what makes TypeScript run.
 */
import { existsSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

const file = nearestTasks(process.cwd())
if (process.features.typescript) module.enableCompileCache?.(process.env.HOME + "/.cache/wfg/compiled")
else if (!process.versions.deno && !process.versions.bun) (await import('tsx/esm/api')).register()
const url = pathToFileURL(file).href
const { tasks } = await import(url)
const { main } = await import(runtimeOf(file))
await main({ url, main: true }, tasks)

function nearestTasks(directory) {
  const file = join(directory, 'tasks.ts')
  if (existsSync(file)) return file
  const above = dirname(directory)
  return above === directory ? undefined : nearestTasks(above)
}
function runtimeOf(file) {
  const { resolve } = createRequire(file)
  for (const name of ['#wfg/tasks', 'wfg-scripts/tasks']) {
    try {
      return pathToFileURL(resolve(name)).href
    } catch {}
  }
  return new URL('../tasks/mod.ts', import.meta.url).href
}
