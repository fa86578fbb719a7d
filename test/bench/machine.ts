/** Where it was measured, because a median of one computer says little about another. */
import { availableParallelism, cpus, loadavg, release, type as systemName, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { REPOSITORY } from '../_cli.ts'
import { versionIn } from './packages.ts'
import type { Setup } from './setup.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  /** Processes that wanted to run in the last minute, on the average; 0 on Windows. */
  readonly load: number
  /** Of the programs and packages that took part. */
  readonly versions: Readonly<Record<string, string>>
}

/** @param setup undefined where nothing is run */
export function describeMachine(setup: Setup | undefined): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${systemName()} ${release()}`,
    load: Math.round(loadavg()[0]! * 10) / 10,
    versions: {
      wfg: versionIn(REPOSITORY)!,
      node: process.versions.node,
      deno: versionIn(join(REPOSITORY, 'node_modules', 'deno')) ?? 'none',
      ...setup?.packages.versions,
    },
  }
}
