/** The files of a task. A worker runs a job only if its files have the hash that the job was queued with. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { importedModules } from '../script/source.ts'
import type { Registry, Task } from '../tasks/registry/registry.ts'
import { inOrder } from '../tasks/run/needs.ts'

/**
 * Hashes `tasks.ts`, the task's script, the scripts of its needs, and the files that they import by a relative path. The
 * result does not depend on the computer, on where the folder is, or on the line endings.
 *
 * @returns 64 hexadecimal digits
 */
export function hashOf(registry: Registry, task: Task): string {
  const scripts = inOrder(registry, task).flatMap((step) => step.task.script ?? [])
  return hashOfFiles(registry.directory, [registry.file, ...scripts])
}

/** Hashes `tasks.ts` and the files that it imports by a relative path, which a process reads only when it starts. */
export function hashOfRegistry({ directory, file }: Registry): string {
  return hashOfFiles(directory, [file])
}

export interface TaskFiles {
  /** Returns the task if its files have this hash, or a hash that starts so. */
  taskFor(name: string, hash: string): Task | undefined
  /** Differs after a change of `tasks.ts`. */
  version(): string
  /** True if `tasks.ts` has changed since this process read it. */
  isOutdated(): boolean
}

/** Each run reads its script anew, so scripts may change while a worker runs; `tasks.ts` may not. */
export function taskFilesOf(registry: Registry): TaskFiles {
  const atStart = hashOfRegistry(registry)
  return {
    taskFor(name, hash) {
      const task = registry.tasks.get(name)
      return task && hashOf(registry, task).startsWith(hash) ? task : undefined
    },
    version: () => hashOfRegistry(registry),
    isOutdated: () => hashOfRegistry(registry) !== atStart,
  }
}

// --- internal ---

function hashOfFiles(directory: string, roots: readonly string[]): string {
  const files = new Map<string, string>()
  const waiting = [...roots]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path) || !isFile(path)) continue
    const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n')
    files.set(path, text)
    waiting.push(...importedBy(path, text))
  }
  const hash = createHash('sha256')
  const named = [...files].map(([path, text]) => [relative(directory, path).split(sep).join('/'), text] as const)
  for (const entry of named.sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${JSON.stringify(entry)}\n`)
  return hash.digest('hex')
}

function importedBy(path: string, text: string): string[] {
  const relatives = importedModules(text).filter((specifier) => /^\.{1,2}\//.test(specifier))
  return relatives.flatMap((specifier) => {
    const file = resolve(dirname(path), specifier.replace(/[?#].*$/, ''))
    return [file, `${file}.ts`].find(isFile) ?? []
  })
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}
