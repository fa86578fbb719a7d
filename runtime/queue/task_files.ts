/** The files of a task. A worker runs a job only if its files have the hash that the job was queued with. */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { importedModules } from '../script/source.ts'
import type { Registry, Task } from '../tasks/registry/registry.ts'
import { inOrder } from '../tasks/run/needs.ts'
import { hashFiles, readText } from './hash_files.ts'

export interface TaskFiles {
  /**
   * Hashes `tasks.ts`, the task's script, the scripts of its needs, and the files that they import by a relative path. See
   * `hashFiles()`.
   */
  hashOf(task: Task): string
  /** The files that `hashOf()` hashes, as absolute paths. */
  filesOf(task: Task): string[]
  /** Returns the task if its files have this hash, or a hash that starts so. */
  taskFor(name: string, hash: string): Task | undefined
  /** Hashes `tasks.ts` and the files that it imports by a relative path, which a process reads only when it starts. */
  hashOfRegistry(): string
  /** True if `tasks.ts` has changed since this process read it. */
  isOutdated(): boolean
}

/** Each run reads its script anew, so scripts may change while a worker runs; `tasks.ts` may not. */
export function taskFilesOf(registry: Registry): TaskFiles {
  const { directory, file } = registry
  const read = createReader()
  const withImports = (roots: readonly string[]): string[] => {
    const found = new Set(roots.filter(isFile))
    // A set goes on with what is added meanwhile.
    for (const path of found) {
      for (const specifier of read(path)?.imports ?? []) {
        const imported = resolve(dirname(path), specifier)
        const each = [imported, `${imported}.ts`].find(isFile)
        if (each !== undefined) found.add(each)
      }
    }
    return [...found]
  }
  const hash = (paths: readonly string[]): string => hashFiles(directory, paths, (path) => read(path)?.text)
  const filesOf = (task: Task): string[] =>
    withImports([file, ...inOrder(registry, task).flatMap((step) => step.task.script ?? [])])
  const hashOf = (task: Task): string => hash(filesOf(task))
  const hashOfRegistry = (): string => hash(withImports([file]))
  const atStart = hashOfRegistry()
  return {
    ...{ hashOf, filesOf, hashOfRegistry },
    taskFor(name, hash) {
      const task = registry.tasks.get(name)
      return task && hashOf(task).startsWith(hash) ? task : undefined
    },
    isOutdated: () => hashOfRegistry() !== atStart,
  }
}

// --- internal ---

interface SourceFile {
  readonly text: string
  /** Relative specifiers, without a query. */
  readonly imports: readonly string[]
}

/**
 * Reads and parses a file again only when its state has changed. The state hides a second change within one tick of the
 * file system's clock. Then a run finds it, which reads all of its files.
 */
function createReader(): (path: string) => SourceFile | undefined {
  const known = new Map<string, SourceFile & { readonly state: string }>()
  return (path) => {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (!found) return undefined
    const state = `${found.size} ${found.mtimeNs} ${found.ino}`
    const before = known.get(path)
    if (before?.state === state) return before
    const text = readText(path)
    if (text === undefined) return undefined
    const relatives = importedModules(text).filter((specifier) => /^\.{1,2}\//.test(specifier))
    const file = { state, text, imports: relatives.map((specifier) => specifier.replace(/[?#].*$/, '')) }
    known.set(path, file)
    return file
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
