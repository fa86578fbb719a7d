/**
 * The storages of async context in the tests' process. On Node 20, one that was used once, such as that of the sandbox's
 * identity provider, makes each later promise three times as slow, until it is disabled.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

type Storage = AsyncLocalStorage<unknown>

const used = new Set<Storage>()

/** Once in a process, before the first test file is imported. */
export function watchStorages(): void {
  // What Node 20 calls first in `run()`. Other versions and Deno have no such method, and no such cost.
  const storages = AsyncLocalStorage.prototype as unknown as { _enable?: (this: Storage) => void }
  const enable = storages._enable
  if (!enable) return
  storages._enable = function () {
    used.add(this)
    enable.call(this)
  }
}

/** Between test files. */
export function disableStorages(): void {
  for (const storage of used) storage.disable()
  used.clear()
}
