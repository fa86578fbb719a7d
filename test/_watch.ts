/**
 * Watches uvu 0.5.6 at work. Its runner reports a suite only when it is over, and leaves out which test stopped it; two
 * things show outside: it assigns `__suite__` and `__test__` to a suite's state object, and it writes a mark to standard
 * output after each test. Both are listened to here, and nothing is changed.
 */
import process from 'node:process'
import { stripVTControlCharacters } from 'node:util'
import { takeMade } from './_assertions.ts'
import { declared } from './_not_run.ts'

/** `running`: no mark yet. `caught`: it passed, although an assertion in it failed. */
export type Outcome = 'running' | 'passed' | 'failed' | 'caught' | 'not run'

export interface Seen {
  readonly title: string
  outcome: Outcome
  readonly startedMs: number
  /** How long it took; 0 while it runs. */
  tookMs: number
}

/** What uvu's runner resolves with: formatted failures or true, passed, skipped, total. */
export type SuiteRun = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>

export interface Watch {
  /** Tests that have started, in order, since `begin`. */
  readonly tests: readonly Seen[]
  /** Suites made since `begin`, run or not. */
  readonly suitesMade: number
  /** Forgets what was seen. */
  begin(): void
  /** Calls `listener` each time a test starts or ends. */
  onProgress(listener: () => void): void
}

/** Starts to watch; once in a process, before the first test file is imported. */
export async function watchUvu(): Promise<Watch> {
  Object.assign(globalThis, { UVU_DEFER: 1, UVU_QUEUE: [] })
  let tests: Seen[] = []
  let suitesMade = 0
  let declaredBefore = 0
  let listener = () => {}

  listenToState('__suite__', () => suitesMade++)
  listenToState('__test__', (title) => {
    if (title === '') return
    takeMade()
    declaredBefore = declared.length
    tests.push({ title, outcome: 'running', startedMs: performance.now(), tookMs: 0 })
    listener()
  })
  listenToOutput((text) => {
    const test = tests.at(-1)
    if (test?.outcome !== 'running' || (text !== PASSED && text !== FAILED)) return
    const caught = takeMade() > 0
    const notRun = declared.length > declaredBefore
    test.tookMs = performance.now() - test.startedMs
    test.outcome = text === FAILED ? 'failed' : caught ? 'caught' : notRun ? 'not run' : 'passed'
    listener()
  })
  await import('uvu') // makes a suite of its own, which is none of a test file's

  return {
    get tests() {
      return tests
    },
    get suitesMade() {
      return suitesMade
    },
    begin() {
      tests = []
      suitesMade = 0
    },
    onProgress(next) {
      listener = next
    },
  }
}

/** Opens the queue slot that the suites of the next imported file go to; returns it. */
export function openSlot(): SuiteRun[] {
  const slot: SuiteRun[] = []
  const uvu = globalThis as unknown as { UVU_QUEUE: SuiteRun[][]; UVU_INDEX: number }
  uvu.UVU_INDEX = uvu.UVU_QUEUE.push(slot) - 1
  return slot
}

// --- internal ---

const PASSED = '• '
const FAILED = '✘ '

/** uvu makes the state objects itself, so the only place to hear an assignment is their prototype. */
function listenToState(name: '__suite__' | '__test__', listener: (value: string) => void): void {
  const values = new WeakMap<object, string>()
  Object.defineProperty(Object.prototype, name, {
    configurable: true,
    get(this: object) {
      return values.get(this)
    },
    set(this: object, value: string) {
      values.set(this, value)
      listener(value)
    },
  })
}

function listenToOutput(listener: (text: string) => void): void {
  const write = process.stdout.write.bind(process.stdout) as (...args: unknown[]) => boolean
  process.stdout.write = (...args: unknown[]) => {
    if (typeof args[0] === 'string') listener(stripVTControlCharacters(args[0]))
    return write(...args)
  }
}
