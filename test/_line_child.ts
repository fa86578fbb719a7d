/** A process of its own that is asked one thing after another: it is started once for all tests of a file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { environment, removeFolder, temporaryFolder } from './_cli.ts'

export interface LineChild {
  /** What it answers. One question at a time. */
  ask(question: unknown): Promise<unknown>
  close(): Promise<void>
}

/** @param args what follows the program of the runtime; the file calls `answerLines` */
export function startLineChild(args: readonly string[], env: Readonly<Record<string, string>>): LineChild {
  const home = temporaryFolder()
  const child = spawn(process.execPath, args, {
    env: { ...environment(home), ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error('The process ended before it answered')
      return JSON.parse(value)
    },
    async close() {
      child.stdin.end()
      await ended
      removeFolder(home)
    },
  }
}

/** In the child: answers each line until there are no more. */
export async function answerLines(answer: (question: never) => Promise<unknown>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as never))}\n`)
  }
}

/** In the child: proxies are read when a request is sent, so that each question may have others. */
export function setProxies(env: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name]
  for (const [name, value] of Object.entries(env)) if (/_proxy$/i.test(name)) process.env[name] = value
}
