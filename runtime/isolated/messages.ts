/** What the two processes say to each other: a line of JSON each. What the child says may come from a hostile script. */
import { StringDecoder } from 'node:string_decoder'
import type { Config } from '../settings/config.ts'
import type { Parameter } from '../tasks/arguments/schema.ts'
import type { ToolFlags } from '../tasks/arguments/tool_flags.ts'
import type { Access } from '../tasks/registry/entry.ts'
import type { Thrown } from './thrown.ts'
import { decode, encode } from './values.ts'

/** The first line that the child reads. */
export interface Assignment {
  /** `describe` tells the parameters, `arguments` only checks the arguments, `run` runs as well. */
  readonly work: 'describe' | 'arguments' | 'run'
  /** Starts a message on standard output, where the script may write too. */
  readonly mark: string
  /** Absolute path of the script. */
  readonly file: string
  readonly directory: string
  readonly name: string
  readonly argv: readonly string[]
  readonly args: Readonly<Record<string, unknown>> | undefined
  /** The text of an arguments file. */
  readonly argsText: string | undefined
  /** What precedes the arguments on a command line. */
  readonly command: string
  /** What starts the tool. */
  readonly tool: string
  readonly access: Access
  readonly flags: Pick<ToolFlags, 'dryRun' | 'quiet' | 'verbose'>
  readonly isPicked: boolean
  /** False for a task that another one needs. */
  readonly isNamed: boolean
  /** Undefined without network. */
  readonly broker: { readonly port: number; readonly key: string } | undefined
}

/** The settings that a script may know. */
export type KnownConfig = Pick<
  Config,
  'profile' | 'webUrl' | 'impersonate' | 'impersonateHeader' | 'timeoutMs' | 'concurrency' | 'dryRun' | 'protected'
> & { readonly graphqlUrl: string }

export type ParentMessage =
  | { readonly type: 'run'; readonly confirmed: string | undefined }
  | { readonly type: 'stop' }
  | { readonly type: 'reply'; readonly id: number; readonly value?: unknown; readonly error?: Thrown }

/** What the child asks its parent for. */
export type Asked = 'connect' | 'confirm' | 'arguments' | 'token status'

/** The steps of a run, in this order. */
export type Step =
  | {
      readonly type: 'described'
      readonly parameters: readonly Parameter[]
      readonly examples: readonly string[] | undefined
      readonly schema: Record<string, unknown>
    }
  | {
      readonly type: 'ready'
      readonly parameters: readonly Parameter[]
      readonly values: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'result'; readonly isRows: boolean; readonly value: unknown }
  | { readonly type: 'rows'; readonly rows: readonly unknown[] }
  | { readonly type: 'end'; readonly exitCode: number; readonly error?: Thrown | undefined }

export type ChildMessage =
  | Step
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'progress'; readonly done: number; readonly total?: number; readonly detail?: string }
  | { readonly type: 'ask'; readonly id: number; readonly what: Asked; readonly value?: unknown }

export function lineOf(message: Assignment | ParentMessage): string {
  return `${encode(message)}\n`
}

/** A line end before it is not needed: the reader looks for the mark. */
export function markedLine(mark: string, message: ChildMessage): string {
  return `${mark}${encode(message)}\n`
}

/** A longer message ends the run. */
const MAX_LENGTH = 64 * 1024 * 1024

/**
 * Reads what a child writes to standard output: messages, and text of the script between them.
 *
 * @throws {Error} for a message that is too long, or no JSON
 */
export async function* readMessages(
  chunks: AsyncIterable<Uint8Array>,
  mark: string,
): AsyncGenerator<{ readonly text: string } | { readonly message: ChildMessage }> {
  const decoder = new StringDecoder('utf8')
  let waiting = ''
  // A long message comes in many chunks.
  let searched = 0
  for await (const chunk of chunks) {
    waiting += decoder.write(Buffer.from(chunk))
    for (;;) {
      const start = waiting.indexOf(mark)
      if (start !== 0) {
        const end = start > 0 ? start : waiting.length - partOf(mark, waiting)
        if (end > 0) yield { text: waiting.slice(0, end) }
        waiting = waiting.slice(end)
        if (start < 0) break
        continue
      }
      const end = waiting.indexOf('\n', searched)
      if (end < 0) {
        searched = waiting.length
        if (waiting.length > MAX_LENGTH) throw new Error('it sent a message that is too long')
        break
      }
      yield { message: decode(waiting.slice(mark.length, end)) as ChildMessage }
      waiting = waiting.slice(end + 1)
      searched = 0
    }
  }
  if (waiting !== '' && !waiting.startsWith(mark)) yield { text: waiting }
}

// --- internal ---

/** How many characters at the end of the text may be the start of a mark. */
function partOf(mark: string, text: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length
  }
  return 0
}
