/** Which files a task is made of, as one number: a worker runs a job only with the files that it was queued with. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Registry, Task } from '../tasks/registry/registry.ts'
import { inOrder } from '../tasks/run/needs.ts'

/**
 * Of `tasks.ts`, the task's script, those of what it needs, and the files that they import by a relative path. The same on
 * every computer, wherever the folder is and however its lines end.
 *
 * @returns 64 hexadecimal digits
 */
export function hashOf(registry: Registry, task: Task): string {
  const scripts = inOrder(registry, task).flatMap((step) => step.task.script ?? [])
  return hashOfFiles(registry.directory, [registry.file, ...scripts])
}

/** Of `tasks.ts` and what it imports by a relative path: what a process read when it started, and never again. */
export function hashOfRegistry({ directory, file }: Registry): string {
  return hashOfFiles(directory, [file])
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

/** Read as text: a path that stands in a comment makes a file count that need not, which does no harm. */
const IMPORT = /\b(?:from|import)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g

function importedBy(path: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].flatMap(([, , specifier]) => {
    const file = resolve(dirname(path), specifier!.replace(/[?#].*$/, ''))
    return [file, `${file}.ts`].find(isFile) ?? []
  })
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}
