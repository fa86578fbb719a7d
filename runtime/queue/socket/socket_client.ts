/** The store as a command sees it while a worker has the folder: each call is done by that worker. */
import { createConnection, type Socket } from 'node:net'
import { RefusedError, TransportError } from '../../core/errors.ts'
import { systemCode } from '../../core/system_code.ts'
import type { Owner } from '../database/owner.ts'
import type { Store } from '../store/store.ts'
import { type Answer, fromError, type RemoteCall, readLines, toLine, withDates } from './wire.ts'

/**
 * Connects again for the next call when the connection was lost.
 *
 * @param findOwner who has the folder now: a worker that was started again listens elsewhere
 * @throws {TransportError} when nobody listens
 */
export async function connectStore(findOwner: () => Owner | undefined): Promise<Store> {
  let connection: Connection | undefined = await connect(findOwner())

  async function call<Result>(method: RemoteCall, ...params: unknown[]): Promise<Result> {
    if (!connection?.isOpen()) connection = await connect(findOwner())
    return withDates(await connection.call(method, params)) as Result
  }

  return {
    enqueue: (job) => call('enqueue', job),
    waiting: () => call('waiting'),
    jobs: (limit) => call('jobs', limit),
    retry: (id) => call('retry', id),
    drop: (id) => call('drop', id),
    runs: (limit) => call('runs', limit),
    run: (id) => call('run', id),
    addRun: (row) => call('addRun', row),
    async lastCronTime(task) {
      const time = await call<string | undefined>('lastCronTime', task)
      return time === undefined ? undefined : new Date(time)
    },
    fetch: notHere,
    begin: notHere,
    complete: notHere,
    fail: notHere,
    lock: notHere,
    setCronTime: notHere,
    register: notHere,
    renew: notHere,
    reap: notHere,
    async close() {
      connection?.close()
    },
  }
}

// --- internal ---

interface Connection {
  isOpen(): boolean
  call(method: RemoteCall, params: readonly unknown[]): Promise<unknown>
  close(): void
}

interface Pending {
  resolve(result: unknown): void
  reject(error: Error): void
}

async function connect(owner: Owner | undefined): Promise<Connection> {
  if (!owner?.socket) throw unreached('no worker has it now')
  const socket = await open(owner.socket)
  const pending = new Map<number, Pending>()
  let last = 0
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    for (const { reject } of pending.values()) reject(unreached('the worker ended before it answered'))
    pending.clear()
  })
  readLines(socket, (line) => {
    const { id, result, error } = JSON.parse(line) as Answer
    const waiting = pending.get(id)
    pending.delete(id)
    if (error) waiting?.reject(fromError(error))
    else waiting?.resolve(result)
  })
  socket.write(toLine({ key: owner.key }))
  return {
    isOpen: () => !socket.destroyed && socket.writable,
    call: (method, params) =>
      new Promise((resolve, reject) => {
        last += 1
        pending.set(last, { resolve, reject })
        socket.write(toLine({ id: last, method, params }))
      }),
    close: () => socket.destroy(),
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('error', (error) => reject(unreached(`nobody listens at its socket (${systemCode(error)})`)))
    socket.once('connect', () => resolve(socket))
  })
}

function unreached(found: string): TransportError {
  const remedy = 'Try again; if it stays so, look whether the worker runs.'
  return new TransportError(`Cannot reach the worker that has the queue: ${found}. ${remedy}`, {
    code: 'WFG_NETWORK',
    remedy,
  })
}

async function notHere(): Promise<never> {
  throw new RefusedError('Cannot run jobs of this queue here: the worker that has it runs them.')
}
