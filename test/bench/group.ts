/** What a group of the benchmark consists of, and how its rows follow from what was measured. */
import type { Samples } from './measure.ts'
import type { Setup } from './setup.ts'
import { ratiosOf, type Spread, spreadOf } from './statistics.ts'

export interface Group {
  readonly title: string
  readonly unit: 'ms' | 'µs' | 'MiB' | 'requests' | 'connections'
  /** 0 where a run leaves the group out. */
  readonly rounds: { readonly short: number; readonly full: number }
  /** True where the first round fills caches and does not count. */
  readonly warmUp: boolean
  /** By name; each of them is measured once a round. */
  readonly ways: Readonly<Record<string, Way>>
  readonly rows: readonly RowPlan[]
}

/**
 * One measurement, in the unit of the group.
 *
 * @throws {Error} when it cannot be taken, or when what was run did not do what it should
 */
export type Way = (setup: Setup) => Promise<number>

export interface RowPlan {
  readonly name: string
  /** Key of the group's `ways`. */
  readonly way: string
  /** The way that it is compared with. */
  readonly baseline?: string
  /** The contract's; a row without one is there to compare. */
  readonly goal?: { readonly of: 'ratio' | 'value'; readonly atMost: number }
}

export interface Row {
  readonly group: string
  readonly name: string
  readonly unit: Group['unit']
  readonly rounds: number
  /** Null where nothing was measured. */
  readonly value: Spread | null
  readonly baseline: { readonly name: string; readonly median: number | null } | null
  readonly ratio: Spread | null
  readonly goal: RowPlan['goal'] | null
  /** Null where there is no goal, or nothing was measured. */
  readonly met: boolean | null
  /** Why nothing was measured. */
  readonly reason: string | null
}

export function rowsOf(group: Group, samples: Samples): Row[] {
  return group.rows.map((plan) => {
    const values = samples.values(plan.way)
    const value = spreadOf(values.filter((each) => each !== undefined)) ?? null
    const others = plan.baseline === undefined ? [] : samples.values(plan.baseline)
    const ratio = spreadOf(ratiosOf(values, others)) ?? null
    const judged = plan.goal?.of === 'ratio' ? ratio : value
    const other = spreadOf(others.filter((each) => each !== undefined))
    return {
      group: group.title,
      name: plan.name,
      unit: group.unit,
      rounds: values.filter((each) => each !== undefined).length,
      value,
      baseline: plan.baseline === undefined ? null : { name: plan.baseline, median: other?.median ?? null },
      ratio,
      goal: plan.goal ?? null,
      met: plan.goal && judged ? judged.median <= plan.goal.atMost : null,
      reason:
        samples.reason(plan.way) ?? (plan.baseline === undefined ? null : (samples.reason(plan.baseline) ?? null)),
    }
  })
}
