/** `wfg.bulk`: one mutation for every entry of a list. */

import type { BulkOptions, Variables } from '../client/options.ts'
import type { Client } from '../client/perform.ts'
import type { BulkOutcome, BulkOutcomes } from '../client/wfg.ts'
import type { Document } from '../document/operation.ts'

export function bulk(
  client: Client,
  document: Document,
  list: Iterable<Variables> | AsyncIterable<Variables>,
  options: BulkOptions,
): BulkOutcomes {
  const summary = { done: 0, failed: 0, unknown: 0, skipped: 0, unsent: 0 }
  return Object.assign(outcomes(), { summary })

  async function* outcomes(): AsyncGenerator<BulkOutcome, void, undefined> {
    // Few scripts use it, and all of them would load it.
    const { runBulk } = await import('./run_bulk.ts')
    yield* runBulk(client, { document, list, options, summary })
  }
}
