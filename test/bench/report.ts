/** The whole benchmark: what is measured, how often, and what came of it. */
import { performance } from 'node:perf_hooks'
import { type Group, type Row, rowsOf } from './group.ts'
import { groups } from './groups/all.ts'
import { describeMachine, type Machine } from './machine.ts'
import { measure, NO_SAMPLES } from './measure.ts'
import { prepare } from './setup.ts'

export interface ReportOptions {
  readonly short: boolean
  /** Nothing is run: the rows are there, without numbers. */
  readonly dry: boolean
  /** Only groups whose title has this. */
  readonly only: string
  /** Instead of each group's own number. */
  readonly rounds: number | undefined
}

export interface Report {
  readonly mode: 'short' | 'full' | 'dry'
  readonly machine: Machine
  readonly seconds: number
  /** Packages that are not to be had. */
  readonly missing: readonly string[]
  readonly rows: readonly Row[]
}

/** @param tell told what is going on */
export async function benchmark(options: ReportOptions, tell: (text: string) => void): Promise<Report> {
  const chosen = groups.filter((group) => group.title.includes(options.only) && roundsOf(group, options) > 0)
  if (options.dry) {
    const rows = chosen.flatMap((group) => rowsOf(group, NO_SAMPLES))
    return { mode: 'dry', machine: describeMachine(undefined), seconds: 0, missing: [], rows }
  }
  const startedMs = performance.now()
  const setup = await prepare(tell)
  try {
    const machine = describeMachine(setup)
    const rows: Row[] = []
    for (const group of chosen) {
      rows.push(...rowsOf(group, await measure(group, roundsOf(group, options), setup, tell)))
    }
    const seconds = (performance.now() - startedMs) / 1000
    return { mode: options.short ? 'short' : 'full', machine, seconds, missing: setup.packages.missing, rows }
  } finally {
    await setup.close()
  }
}

// --- internal ---

function roundsOf({ rounds }: Group, options: ReportOptions): number {
  return options.rounds ?? (options.short ? rounds.short : rounds.full)
}
