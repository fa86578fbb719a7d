/** What a provider answers, literally, and what the person who reads the error is told to do. */
import * as assert from 'uvu/assert'
import type { ProviderName } from '../../runtime/settings/setting_rules.ts'
import { exchange } from '../auth/_exchange.ts'

export interface Answered {
  status: number
  /** JSON unless it is a text. */
  body: unknown
  headers?: Record<string, string>
  /** Found in the remedy. */
  expect: RegExp
  /** Found in the message before the remedy. */
  says?: RegExp
}

/** Serves the answer from a token endpoint on loopback; asserts that the message ends with the remedy. */
export function remedied(provider: ProviderName | undefined, { status, body, headers, expect, says }: Answered) {
  const reply = { status, body, ...(headers ? { headers } : {}) }
  const times = status === 429 || status >= 500 ? 3 : 1
  const asked = Number(headers?.['retry-after'] ?? 0)
  return exchange(
    Array(asked > 60 ? 1 : times).fill(reply),
    async ({ failure }) => {
      const error = await failure()
      assert.match(error.remedy ?? '', expect)
      assert.ok(error.message.endsWith(` ${error.remedy}`), error.message)
      if (says) assert.match(error.message.slice(0, -(error.remedy ?? '').length), says)
    },
    {
      settings: (url) => ({
        WFG_TOKEN_ENDPOINT: `${url}/token`,
        WFG_AUDIENCE: 'https://workflow.example.com/wfgen/graphql',
        ...(provider === undefined ? {} : { WFG_PROVIDER: provider }),
      }),
    },
  )
}
