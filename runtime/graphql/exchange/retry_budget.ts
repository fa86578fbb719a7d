/** How many further attempts all calls to one server may make together, so that an outage is not answered by a flood. */

export interface RetryBudget {
  /** Whether another attempt may be made; takes it from the budget. */
  take(): boolean
  /** A call was answered: one attempt comes back. */
  refill(): void
}

/** Further attempts in a row, over all calls; a thousand failing calls make this many more, not two thousand. */
const CAPACITY = 100

export function createRetryBudget(): RetryBudget {
  let left = CAPACITY
  return {
    take() {
      if (left === 0) return false
      left -= 1
      return true
    },
    refill() {
      left = Math.min(CAPACITY, left + 1)
    },
  }
}
