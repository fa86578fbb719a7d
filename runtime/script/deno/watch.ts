/** `Deno.watchFs` by `node:fs`. */
import fs, { type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemCode } from '../../core/system_code.ts'
import { type DenoErrors, osError, plainError } from './errors.ts'

interface WatchEvent {
  kind: 'create' | 'modify' | 'remove'
  paths: readonly string[]
  flag: undefined
}

/** Returns `watchFs`. Node reports a renaming as a removal and a creation. */
export function denoWatch(errors: DenoErrors): Readonly<Record<string, unknown>> {
  return {
    watchFs: (given: string | URL | readonly (string | URL)[], { recursive = true }: { recursive?: boolean } = {}) =>
      new FsWatcher([given].flat() as (string | URL)[], recursive, errors),
  }
}

// --- internal ---

class FsWatcher implements AsyncIterableIterator<WatchEvent> {
  readonly #watchers: FSWatcher[] = []
  readonly #events: WatchEvent[] = []
  readonly #errors: DenoErrors
  #failure: unknown
  #closed = false
  #wake: (() => void) | undefined

  constructor(paths: readonly (string | URL)[], recursive: boolean, errors: DenoErrors) {
    this.#errors = errors
    try {
      for (const path of paths)
        this.#watch(fs.realpathSync(path instanceof URL ? fileURLToPath(path) : path), recursive)
    } catch (error) {
      this.close()
      const isMissing = systemCode(error) === 'ENOENT'
      throw isMissing ? plainError(errors, 'NotFound', 'No path was found.') : osError(errors, error)
    }
  }

  async next(): Promise<IteratorResult<WatchEvent, undefined>> {
    for (;;) {
      const event = this.#events.shift()
      if (event) return { value: event, done: false }
      if (this.#failure !== undefined) throw osError(this.#errors, this.#failure)
      if (this.#closed) return { value: undefined, done: true }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(value?: undefined): Promise<IteratorResult<WatchEvent, undefined>> {
    this.close()
    return { value, done: true }
  }

  close(): void {
    this.#closed = true
    for (const watcher of this.#watchers) watcher.close()
    this.#wake?.()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #watch(path: string, recursive: boolean): void {
    const isFolder = fs.statSync(path).isDirectory()
    const watcher = fs.watch(path, { recursive: recursive && isFolder }, (type, name) => {
      const changed = isFolder && name !== null ? join(path, name) : path
      this.#events.push({ kind: kindOf(type, changed), paths: [changed], flag: undefined })
      this.#wake?.()
    })
    watcher.on('error', (error) => {
      this.#failure ??= error
      this.close()
    })
    this.#watchers.push(watcher)
  }
}

function kindOf(type: string, path: string): WatchEvent['kind'] {
  if (type === 'change') return 'modify'
  return fs.lstatSync(path, { throwIfNoEntry: false }) ? 'create' : 'remove'
}
