/** The child's side of the connection to its parent: standard input and standard output. */
import type { Host } from '../host/host.ts'
import { type Asked, type Assignment, type ChildMessage, markedLine, type ParentMessage } from './messages.ts'
import { thrownFrom } from './thrown.ts'
import { decode } from './values.ts'

export interface Parent {
  readonly assignment: Assignment
  /** Resolves when the message is handed on, so that a script cannot run ahead of its reader. */
  tell(message: ChildMessage): Promise<void>
  /** @throws the error that the parent found */
  ask(what: Asked, value?: unknown): Promise<unknown>
  /** Resolves when the parent wants the script to run. */
  toRun(): Promise<{ readonly confirmed: string | undefined }>
  /** Goes on reading after the start, which keeps the process alive. Calls back when the run is to stop. */
  listen(onStop: () => void): void
}

export async function connectParent(host: Pick<Host, 'after' | 'exit' | 'stdin' | 'stdout'>): Promise<Parent> {
  const { stdin, stdout } = host
  const readLine = async (): Promise<unknown> => decode((await stdin.readLine()) ?? host.exit(1))
  const assignment = (await readLine()) as Assignment
  const waiting = new Map<number, PromiseWithResolvers>()
  const start = withResolvers()
  let onStop: (() => void) | undefined
  let reading = false
  let asked = 0
  /** Reads only while something is expected, because waiting for a line keeps the process alive. */
  const read = async (): Promise<void> => {
    if (reading) return
    reading = true
    // Deno does not always wait for standard input.
    const release = host.after(LONGEST_MS, () => {})
    while (waiting.size > 0 || onStop) {
      const message = (await readLine()) as ParentMessage
      if (message.type === 'stop') onStop?.()
      else if (message.type === 'run') {
        waiting.delete(START)
        start.resolve(message)
      } else {
        const { resolve, reject } = waiting.get(message.id)!
        waiting.delete(message.id)
        if (message.error) reject(thrownFrom(message.error))
        else resolve(message.value)
      }
    }
    release()
    reading = false
  }
  const tell = (message: ChildMessage) => stdout.writeAsIs(markedLine(assignment.mark, message))
  return {
    assignment,
    tell,
    async ask(what, value) {
      const id = ++asked
      const answer = withResolvers()
      waiting.set(id, answer)
      void read()
      await tell({ type: 'ask', id, what, value })
      return answer.promise
    },
    toRun() {
      waiting.set(START, start)
      void read()
      return start.promise as Promise<{ confirmed: string | undefined }>
    },
    listen(callback) {
      onStop = callback
      void read()
    },
  }
}

// --- internal ---

const START = 0
const LONGEST_MS = 2 ** 31 - 1

interface PromiseWithResolvers {
  readonly promise: Promise<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}

function withResolvers(): PromiseWithResolvers {
  let resolve!: PromiseWithResolvers['resolve']
  let reject!: PromiseWithResolvers['reject']
  const promise = new Promise<unknown>((...both) => {
    ;[resolve, reject] = both
  })
  return { promise, resolve, reject }
}
