/** Runs a program, and takes a number only from one that did what it should. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Command, execute } from './processes.ts'
import type { Setup } from './setup.ts'

/**
 * Milliseconds of the whole process.
 *
 * @param lines that it must print
 */
export async function wholeMs(command: Command, lines: number): Promise<number> {
  const { wallMs, stdout } = await execute(command)
  expectCount(countLines(stdout), lines, 'lines')
  return wallMs
}

/**
 * Milliseconds that the program itself took, without its start: it prints `{ "count", "ms" }`.
 *
 * @param count that it must have reached
 */
export async function ownMs(command: Command, count: number): Promise<number> {
  const { stdout } = await execute(command)
  const told = JSON.parse(stdout) as { count: number; ms: number }
  expectCount(told.count, count, 'items')
  return told.ms
}

export interface Usage {
  readonly cpuMicroseconds: number
  readonly peakKiB: number
}

/** What a process of Node used; `done` looks at what it printed. */
export async function usageOf(
  setup: Setup,
  { argv: [program, ...args], cwd, env }: Command,
  done: (stdout: string) => void,
): Promise<Usage> {
  const file = join(setup.emptyFolder(), 'usage.json')
  const preload = pathToFileURL(join(setup.folders.ways, '_usage.mjs')).href
  const argv = [program!, '--import', preload, ...args]
  const { stdout } = await execute({ argv, cwd, env: { ...env, BENCH_USAGE: file } })
  done(stdout)
  const usage = JSON.parse(readFileSync(file, 'utf8')) as Usage
  rmSync(file)
  return usage
}

export function countLines(text: string): number {
  return text.split('\n').length - 1
}

/** @throws {Error} when they differ */
export function expectCount(found: number, expected: number, what: string): void {
  if (found !== expected) throw new Error(`it gave ${found} ${what} and not ${expected}`)
}
