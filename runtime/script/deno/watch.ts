/** `Deno.watchFs` by `node:fs`. */
import { EventEmitter, on } from 'node:events'
import fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemCode } from '../../core/system_code.ts'
import { type DenoErrors, osError, plainError } from './errors.ts'

/** Returns `watchFs`. Node reports a renaming as a removal and a creation. */
export function denoWatch(errors: DenoErrors): Readonly<Record<string, unknown>> {
  return {
    watchFs(given: string | URL | readonly (string | URL)[], { recursive = true }: { recursive?: boolean } = {}) {
      const emitter = new EventEmitter()
      const events = on(emitter, 'change', { close: ['close'] })
      const watchers: fs.FSWatcher[] = []
      const close = () => {
        for (const watcher of watchers) watcher.close()
        emitter.emit('close')
      }
      try {
        for (const path of [given].flat() as (string | URL)[]) watchers.push(watch(path, recursive, emitter))
      } catch (error) {
        close()
        const isMissing = systemCode(error) === 'ENOENT'
        throw isMissing ? plainError(errors, 'NotFound', 'No path was found.') : osError(errors, error)
      }
      async function* iterate() {
        try {
          for await (const [kind, path] of events) yield { kind, paths: [path], flag: undefined }
        } catch (error) {
          throw osError(errors, error)
        } finally {
          close()
        }
      }
      return Object.assign(iterate(), { close, [Symbol.dispose]: close })
    },
  }
}

// --- internal ---

function watch(given: string | URL, recursive: boolean, emitter: EventEmitter): fs.FSWatcher {
  const path = fs.realpathSync(given instanceof URL ? fileURLToPath(given) : given)
  const isFolder = fs.statSync(path).isDirectory()
  const watcher = fs.watch(path, { recursive: recursive && isFolder }, (type, name) => {
    const changed = isFolder && name !== null ? join(path, name) : path
    emitter.emit('change', kindOf(type, changed), changed)
  })
  return watcher.on('error', (error) => emitter.emit('error', error))
}

function kindOf(type: string, path: string): 'create' | 'modify' | 'remove' {
  if (type === 'change') return 'modify'
  return fs.lstatSync(path, { throwIfNoEntry: false }) ? 'create' : 'remove'
}
