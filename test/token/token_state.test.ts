import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tokenSourceOf } from '../../runtime/auth/token_source.ts'
import { createRetryBudget } from '../../runtime/graphql/exchange/retry_budget.ts'
import { tokenState } from '../../runtime/token/token_state.ts'
import { fakeHost } from '../_host.ts'
import { configOf } from '../auth/_config.ts'
import { processHost } from '../auth/_sharing.ts'

const state = suite('cli/token_state')

state('tokenState() tells what it can where Deno does not let it ask who the user is', () => {
  const userId = () => {
    throw new Error('NotCapable')
  }
  const host = fakeHost(processHost({ userId }))
  const config = configOf({ WFG_ISSUER: 'https://acme.auth0.com/', WFG_AUDIENCE: 'api', WFG_CACHE_DIR: '/nowhere/wfg' })
  const connection = { config, token: tokenSourceOf(host, config), retryBudget: createRetryBudget() }
  const { state, provider, folderMode } = tokenState(host, connection)
  assert.equal([state, provider, folderMode], ['none', 'auth0', null])
})

state.run()
