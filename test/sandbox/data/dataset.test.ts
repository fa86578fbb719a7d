import { isDeepStrictEqual } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inventRequest, NEWEST_MS, openedAtMs } from '../../../runtime/sandbox/data/dataset.ts'
import { USERS } from '../../../runtime/sandbox/data/people.ts'
import { Store } from '../../../runtime/sandbox/data/store.ts'
import { startSandbox } from '../../../runtime/sandbox/mod.ts'
import { withSandbox } from '../_sandbox.ts'

const dataset = suite('dataset')

dataset('inventRequest() returns the same request every time', () => {
  for (const number of [1, 17, 400])
    assert.ok(isDeepStrictEqual(inventRequest(number, 400), inventRequest(number, 400)))
})

dataset('inventRequest() makes the documented numbers of actions for 400 requests', () => {
  const requests = Array.from({ length: 400 }, (_, index) => inventRequest(index + 1, 400))
  assert.is(requests.flatMap(({ actions }) => actions).length, 1032)
  assert.is(requests.filter(({ closedAt }) => closedAt === null).length, 41)
})

dataset('openedAtMs() grows with the number and ends at 2026-11-20', () => {
  for (const count of [1, 2, 400, 100_000]) {
    let last = 0
    for (let number = 1; number <= count; number++) {
      const opened = openedAtMs(number, count)
      assert.ok(opened > last, `request ${number} of ${count}`)
      last = opened
    }
    assert.is(last, NEWEST_MS)
  }
  assert.is(new Date(NEWEST_MS).toISOString(), '2026-11-20T15:42:10.113Z')
})

dataset('two sandboxes have the same data', async () => {
  const query =
    '{ actions(page: { size: 2000 }) { items { id name openedAt assignee { userName } dataset { items { textValue numericValue fileValue { content } } } } } }'
  const texts: string[] = []
  for (let run = 0; run < 2; run++) {
    await withSandbox(async ({ graphql }) => {
      texts.push((await graphql(query)).text)
    })
  }
  assert.ok(texts[0]!.length > 100_000)
  assert.ok(texts[0] === texts[1])
})

dataset('a sandbox of 100,000 requests pages, counts and filters', () =>
  withSandbox(
    async ({ data }) => {
      const { requests, actions, open } = await data(`{
        requests(page: { number: 1000, size: 100 }) { totalCount hasNextPage items { number } }
        actions(page: { number: 2000, size: 100 }) { totalCount items { request { number } } }
        open: requests(filter: { status: OPEN, createdSince: "2026-11-01" }) { totalCount }
      }`)
      assert.is(requests.totalCount, 100_000)
      assert.is(requests.hasNextPage, false)
      assert.is(requests.items.at(-1).number, 100_000)
      assert.is(actions.items.length, 100)
      assert.ok(actions.totalCount > 200_000)
      assert.ok(open.totalCount > 100 && open.totalCount < 6000)
    },
    { requests: 100_000 },
  ),
)

dataset('a large sandbox starts at once, because requests are generated when they are read', async () => {
  const sandbox = await startSandbox({ requests: 10_000_000 })
  await sandbox.close()
})

dataset('Store finds a list once for all its pages', () => {
  const store = new Store(100_000)
  const actor = USERS[0]!
  const started = performance.now()
  store.actions(actor, { status: 'OPEN' }, { field: 'assignee' })
  const firstMs = performance.now() - started
  const again = performance.now()
  for (let page = 0; page < 100; page++) store.actions(actor, { status: 'OPEN' }, { field: 'assignee' })
  assert.ok(performance.now() - again < firstMs, `100 pages after the first list's ${firstMs} ms`)
})

dataset('a sandbox without requests has empty lists', () =>
  withSandbox(
    async ({ data }) => {
      assert.equal(
        await data('{ requests { totalCount hasNextPage hasPreviousPage items { id } } actions { totalCount } }'),
        {
          requests: { totalCount: 0, hasNextPage: false, hasPreviousPage: false, items: [] },
          actions: { totalCount: 0 },
        },
      )
    },
    { requests: 0 },
  ),
)

dataset.run()
