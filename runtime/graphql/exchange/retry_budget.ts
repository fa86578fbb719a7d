/** Limits the retries of all calls to one server together, so that an outage does not cause a flood of requests. */

export interface RetryBudget {
  /** Takes a retry from the budget. False if none is left. */
  take(): boolean
  /** Gives one retry back after an answered call. */
  refill(): void
}

/** Retries in a row, over all calls. */
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
