/**
 * The storages of async context in the tests' process. On Node 20, one that was used once, such as that of the sandbox's
 * identity provider, makes each later promise three times as slow, until it is disabled.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const used = new Set<AsyncLocalStorage<unknown>>()

/** Once in a process, before the first test file is imported. */
export function watchStorages(): void {
  const { run } = AsyncLocalStorage.prototype
  AsyncLocalStorage.prototype.run = function (this: AsyncLocalStorage<unknown>, ...args: Parameters<typeof run>) {
    used.add(this)
    return run.apply(this, args)
  } as typeof run
}

/** Between test files. */
export function disableStorages(): void {
  for (const storage of used) storage.disable()
  used.clear()
}
