/** The servers, in a process of their own, so that their work is not counted as the client's. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What the servers count from the last `set` on. */
export interface Counts {
  readonly token: number
  readonly discovery: number
  readonly graphql: number
  readonly mutations: number
  readonly connections: number
}

export interface Conditions {
  /** Added to each answer. */
  readonly latencyMs: number
  /** Items that the lists hold. Default 100. */
  readonly total?: number
}

export interface Servers {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly url: string
  /** Sets the conditions and counts from zero. */
  set(conditions: Conditions): Promise<void>
  counts(): Promise<Counts>
  close(): Promise<void>
}

/** @param env of the process */
export async function startServers(env: Readonly<Record<string, string>>): Promise<Servers> {
  const child = fork(fileURLToPath(new URL('./server_process.ts', import.meta.url)), [], {
    env,
    execArgv: ['--import', import.meta.resolve('tsx')],
  })
  const ended = once(child, 'exit')
  const lost = ended.then(() => Promise.reject(new Error('the process of the servers ended')))
  lost.catch(() => {}) // nobody may be waiting
  const ask = async <T>(question?: Conditions | 'counts'): Promise<T> => {
    const answer = once(child, 'message')
    if (question !== undefined) child.send(question)
    return (await Promise.race([answer, lost]))[0] as T
  }
  const url = await ask<string>()
  return {
    url,
    async set(conditions) {
      await ask(conditions)
    },
    counts: () => ask('counts'),
    async close() {
      child.disconnect()
      await ended
    },
  }
}
