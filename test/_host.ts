/** A strict fake of the host: what a test did not give cannot be used. */

import { createRedactor } from '../runtime/core/redact.ts'
import { runsInCi } from '../runtime/host/cache_folder.mjs'
import type { Output } from '../runtime/host/host.ts'
import { createOutput, type OutputOptions } from '../runtime/host/standard_streams.ts'
import type { NetworkHost } from '../runtime/transport/transport.ts'
import { type Clock, manualClock } from './_clock.ts'
import { type FakeReply, type FakeTransport, fakeTransport } from './_transport.ts'

export type { FakeAnswer, FakeReply, SentRequest } from './_transport.ts'

/** Members of `Host` to add or replace, and what the fake ones begin with. */
export interface FakeHostOptions extends Partial<NetworkHost> {
  /** What the wall clock shows, milliseconds since 1970; default 2026-01-01. */
  startMs?: number
  /** Answers of the transport, in order. */
  replies?: readonly FakeReply[]
}

export interface FakeHost extends NetworkHost, Clock {
  /** What was written to standard output so far. */
  readonly out: string
  /** What was written to standard error so far. */
  readonly err: string
  readonly transport: FakeTransport
}

/**
 * Of itself it has a clock that stands still, both outputs (no terminal, captured), an exit code, and a redactor; a
 * transport when `replies` are given; and what `options` gives. Using anything else throws an error that names it.
 *
 * @example const host = fakeHost({ env: {}, replies: [{ body: { data: { viewer: null } } }] })
 */
export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const { startMs, replies, ...given } = options
  const { redactor = createRedactor(), env = {} } = given
  const inCi = () => runsInCi(env)
  const out = fakeOutput({ redactor, givesData: true, inCi })
  const err = fakeOutput({ redactor, inCi })
  let exitCode = 0
  const own = {
    redactor,
    stdout: out.output,
    stderr: err.output,
    setExitCode(code: number) {
      exitCode = code
    },
    exitCode: () => exitCode,
    get out() {
      return out.text()
    },
    get err() {
      return err.text()
    },
  }
  const members = manualClock(startMs)
  for (const part of [own, replies ? { transport: fakeTransport(replies) } : {}, given]) {
    Object.defineProperties(members, Object.getOwnPropertyDescriptors(part))
  }
  return strict(members, 'fakeHost') as FakeHost
}

/** `members`, where reading or writing a member that is not there throws an error that names it. */
export function strict<Members extends object>(members: Members, name: string): Members {
  return new Proxy(members, {
    get(target, key, receiver) {
      if (key in target || typeof key === 'symbol' || TOLERATED.has(key)) return Reflect.get(target, key, receiver)
      throw new Error(`${name} has no "${key}": the test did not give it`)
    },
    set(_target, key) {
      throw new Error(`${name} does not let "${String(key)}" be assigned`)
    },
  })
}

/** A real output on a stream that remembers what is written. */
export function fakeOutput(options: Partial<OutputOptions> & { isTTY?: boolean; columns?: number | undefined } = {}): {
  output: Output
  text(): string
} {
  const { isTTY = false, columns, ...rest } = options
  let text = ''
  const stream = {
    isTTY,
    columns,
    on() {},
    write(chunk: string, done: () => void) {
      text += chunk
      done()
    },
  }
  const output = createOutput(stream as unknown as NodeJS.WriteStream, {
    redactor: createRedactor(),
    inCi: () => false,
    atExit() {},
    ...rest,
  })
  return { output, text: () => text }
}

// --- internal ---

/** Asked for by `await` and by `JSON.stringify` of whatever they are given. */
const TOLERATED = new Set(['then', 'toJSON'])
