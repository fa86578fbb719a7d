import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphQLExecutionError, UsageError, WfgError } from '../../../runtime/core/errors.ts'
import type { PaginateOptions, Variables, WfgOptions } from '../../../runtime/graphql/client/options.ts'
import { TransportFailure } from '../../../runtime/transport/transport.ts'
import { rejects } from '../../_assert.ts'
import { clientOf, withClient } from '../_client.ts'
import { type Listing, type PagedTransport, type PageQuestion, pagedTransport, pageOf, rows } from '../_pages.ts'

const paginate = suite('paginate')

const COUNTED =
  'query Q($page: Int, $size: Int) { actions(page: { number: $page, size: $size }) { totalCount hasNextPage items { id n } } }'
const UNCOUNTED =
  'query Q($page: Int, $size: Int) { actions(page: { number: $page, size: $size }) { hasNextPage items { id n } } }'
const TOTAL_ONLY =
  'query Q($page: Int, $size: Int) { actions(page: { number: $page, size: $size }) { totalCount items { id n } } }'

// --- the whole list, in order, with as few requests as possible ---

for (const [count, size, pages] of [
  [0, 10, 1],
  [1, 10, 1],
  [10, 10, 1],
  [11, 10, 2],
  [95, 10, 10],
  [100, 10, 10],
  [7, 1, 7],
] as const) {
  for (const [title, document] of [
    ['totalCount and hasNextPage', COUNTED],
    ['hasNextPage', UNCOUNTED],
    ['totalCount', TOTAL_ONLY],
  ] as const) {
    paginate(`paginate() yields ${count} rows by ${size} in ${pages} requests, with ${title}`, async () => {
      const listing = { ...withoutTotal(document), ...withoutNext(document) }
      const { items, transport } = await collect(rows(count), document, { size }, {}, listing)
      assert.equal(items, rows(count))
      assert.equal(
        transport.asked,
        Array.from({ length: pages }, (_, index) => index + 1),
      )
      assert.is(transport.maxInFlight, document === UNCOUNTED ? 1 : Math.max(1, Math.min(4, pages - 1)))
    })
  }
}

paginate(
  'paginate() loses no row if the server limits the size and computes hasNextPage from the requested size',
  async () => {
    const listing = { maxSize: 50, hasNextPage: ({ number }: { number: number }) => number * 100 < 1000 }
    const { items } = await collect(rows(1000), COUNTED, {}, {}, listing)
    assert.equal(items, rows(1000))
  },
)

paginate('paginate() requests pages of 100 by default', async () => {
  const { items, transport } = await collect(rows(150), COUNTED, {})
  assert.is(items.length, 150)
  assert.equal(transport.sizes, [100, 100])
})

for (const [title, document, variables, size] of [
  ['a variable', COUNTED, { size: 20 }, 20],
  ['the default of a variable', COUNTED.replace('$size: Int', '$size: Int = 30'), {}, 30],
  ['a variable before its default', COUNTED.replace('$size: Int', '$size: Int = 30'), { size: 40 }, 40],
  ['null, which is none', COUNTED, { size: null }, 100],
] as const) {
  paginate(`paginate() uses the size of ${title}`, async () => {
    const { transport } = await collect(rows(10), document, variables)
    assert.equal(transport.sizes, [size])
  })
}

paginate('paginate() reads a literal size in the document', async () => {
  const document = 'query Q($page: Int) { actions(page: { number: $page, size: 25 }) { totalCount items { id n } } }'
  const { items, transport } = await collect(
    rows(60),
    document,
    {},
    {},
    { defaultSize: 25, ...withoutNext(TOTAL_ONLY) },
  )
  assert.equal([items.length, transport.asked], [60, [1, 2, 3]])
  assert.equal(transport.sizes, [0, 0, 0])
})

paginate('paginate() finds the end if the document has no size', async () => {
  const document = 'query Q($page: Int) { actions(page: { number: $page }) { totalCount items { id n } } }'
  for (const listing of [{}, withoutNext(TOTAL_ONLY)]) {
    const { items } = await collect(rows(35), document, {}, {}, { defaultSize: 10, ...listing })
    assert.equal(items, rows(35))
  }
})

paginate('paginate() fills a PageInput variable, and keeps its other members', async () => {
  const document = 'query Q($p: PageInput) { actions(page: $p) { totalCount hasNextPage items { id n } } }'
  for (const [given, expected] of [
    [{}, { number: 1, size: 100 }],
    [{ p: { size: 20 } }, { number: 1, size: 20 }],
    [{ p: { number: 2, size: 20, more: 'x' } }, { number: 2, size: 20, more: 'x' }],
  ] as const) {
    const seen: unknown[] = []
    await collect(rows(5), document, given, {}, {}, (question) => seen.push(question.variables['p']))
    assert.equal(seen[0], expected)
  }
  const seen: unknown[] = []
  const withDefault = document.replace('PageInput', 'PageInput = { size: 50 }')
  await collect(rows(5), withDefault, {}, {}, {}, (question) => seen.push(question.variables['p']))
  assert.equal(seen[0], { size: 50, number: 1 })
})

paginate('paginate() finds the variables by their use, whatever their names', async () => {
  const document =
    'query Q($pageNumber: Int, $pageSize: Int) { actions(page: { number: $pageNumber, size: $pageSize }) { hasNextPage items { id } } }'
  const seen: unknown[] = []
  await collect(rows(0), document, { other: 1 }, {}, {}, (question) => seen.push(question.variables))
  assert.equal(seen, [{ other: 1, pageNumber: 1, pageSize: 100 }])
})

paginate('paginate() begins at startPage, else at the page in the variables', async () => {
  for (const [variables, options, first] of [
    [{ size: 10 }, { startPage: 3 }, 3],
    [{ size: 10, page: 2 }, {}, 2],
    [{ size: 10, page: 2 }, { startPage: 4 }, 4],
  ] as const) {
    const { items, transport } = await collect(rows(45), COUNTED, variables, options)
    assert.equal(items, rows(45).slice((first - 1) * 10))
    assert.equal(transport.asked, [1, 2, 3, 4, 5].slice(first - 1))
  }
  for (const startPage of [0, -1, 1.5])
    await rejects(collect(rows(1), COUNTED, {}, { startPage }), { instance: RangeError, message: /startPage/ })
})

// --- finding the list ---

const NESTED = `query Q($page: Int, $size: Int) {
  viewer { userName todo: actions(page: { number: $page, size: $size }) { ...Meta rows: items { id n } } }
}
fragment Meta on ActionList { more: hasNextPage ...Total }
fragment Total on ActionList { all: totalCount }`

paginate('paginate() finds a nested list through aliases and fragments', async () => {
  const transport = pagedTransport((question) => {
    const { items, hasNextPage, totalCount } = pageOf(rows(25), question) as Record<string, unknown>
    return { viewer: { userName: 'ada', todo: { rows: items, more: hasNextPage, all: totalCount } } }
  })
  assert.equal(await all(transport, NESTED, { size: 10 }), rows(25))
  assert.equal(transport.asked, [1, 2, 3])
})

paginate('paginate() finds a list inside an inline fragment', async () => {
  const document = COUNTED.replace('{ actions', '{ ... on Query { actions').replace(/\}$/, '} }')
  assert.is((await collect(rows(25), document, { size: 10 })).items.length, 25)
})

paginate('paginate() merges a list that is selected twice', async () => {
  const page = 'actions(page: { number: $page, size: $size })'
  const document = `query Q($page: Int, $size: Int) { ${page} { totalCount } ...Rest } fragment Rest on Query { ${page} { hasNextPage items { id } } }`
  const { items, transport } = await collect(rows(25), document, { size: 10 })
  assert.is(items.length, 25)
  assert.is(transport.maxInFlight, 2)
})

paginate('paginate() chooses the outer of two nested lists', async () => {
  const document = COUNTED.replace(
    'items { id n }',
    'items { id n more(page: { number: 1, size: 5 }) { hasNextPage items { id } } }',
  )
  assert.is((await collect(rows(25), document, { size: 10 })).items.length, 25)
})

const TWO = `query Q($page: Int, $size: Int) {
  actions(page: { number: $page, size: $size }) { hasNextPage items { id n } }
  viewer { mine: requests(page: { number: $page, size: $size }) { hasNextPage items { id n } } }
}`

paginate('paginate() refuses a mutation, which every page would execute again', async () => {
  const transport = pagedTransport(() => ({}))
  await rejects(all(transport, COUNTED.replace('query Q', 'mutation M'), {}), {
    instance: UsageError,
    message: 'Cannot page through the mutation "M": it would be executed once for every page; expected a query.',
  })
  assert.equal(transport.asked, [])
})

paginate('paginate() names the candidates when there are several lists, and uses the one at path', async () => {
  const answer = (question: PageQuestion) => ({
    actions: pageOf(rows(3), question),
    viewer: { mine: pageOf(rows(12), question) },
  })
  const transport = pagedTransport(answer)
  await rejects(all(transport, TWO, {}), {
    instance: UsageError,
    code: 'WFG_USAGE',
    message: 'Cannot page through the document: it has 2 lists; choose one with the option path: actions, viewer.mine.',
  })
  await rejects(all(transport, TWO, {}, { path: 'viewer.requests' }), {
    instance: UsageError,
    message:
      'Cannot page through the document: it has no list at "viewer.requests"; choose one with the option path: actions, viewer.mine.',
  })
  assert.equal(transport.asked, [])
  assert.is((await all(transport, TWO, { size: 5 }, { path: 'viewer.mine' })).length, 12)
  assert.is((await all(transport, TWO, { size: 5 }, { path: 'actions' })).length, 3)
})

for (const [document, message] of [
  ['{ viewer { id } }', /no field has the argument page and selects items/],
  ['{ actions { hasNextPage items { id } } }', /no field has the argument page/],
  ['query Q($page: Int) { actions(page: { number: $page }) { hasNextPage } }', /no field has .* items/],
  [
    'query Q($page: Int) { actions(page: { number: $page }) { items { id } } }',
    /"actions": it selects nothing that tells the last page; select hasNextPage/,
  ],
  [
    '{ actions(page: { number: 1, size: 10 }) { hasNextPage items { id } } }',
    /the number of its page is not a variable/,
  ],
  [
    'query Q($size: Int) { actions(page: { size: $size }) { hasNextPage items { id } } }',
    /the number of its page is not a variable/,
  ],
] as const) {
  paginate(`paginate() refuses ${document}`, async () => {
    const transport = pagedTransport(() => assert.unreachable('nothing is sent'))
    await rejects(all(transport, document, {}), { instance: UsageError, message })
  })
}

paginate('paginate() yields nothing when the parent of the list is null', async () => {
  assert.equal(
    await all(
      pagedTransport(() => ({ viewer: null })),
      NESTED,
      {},
    ),
    [],
  )
})

paginate('paginate() rejects when a list is null although the page before it has a next page', async () => {
  const transport = pagedTransport((question) =>
    question.number === 3 ? { actions: null } : { actions: pageOf(rows(1000), question) },
  )
  await rejects(all(transport, COUNTED, { size: 10 }), {
    instance: WfgError,
    message: /page 3 has no list at "actions"/,
  })
})

paginate('paginate() refuses a list inside a list', async () => {
  const document = 'query Q($page: Int) { users { actions(page: { number: $page }) { hasNextPage items { id } } } }'
  const transport = pagedTransport(() => ({ users: [{ actions: { items: [], hasNextPage: false } }] }))
  await rejects(all(transport, document, {}), { instance: UsageError, message: /"users" is a list/ })
})

// --- fetching ahead ---

paginate('paginate() yields the pages in order, whatever the order of the responses', async () => {
  const waiting = new Map<number, () => void>()
  const transport = pagedTransport(async (question) => {
    const { number } = question
    if (number > 1) {
      await new Promise<void>((resolve) => {
        waiting.set(number, resolve)
        if (waiting.size === 4) for (const late of [5, 4, 3, 2]) waiting.get(late)?.()
      })
    }
    return { actions: pageOf(rows(50), question) }
  })
  assert.equal(await all(transport, COUNTED, { size: 10 }), rows(50))
  assert.is(transport.maxInFlight, 4)
})

for (const [options, given, settings, expected] of [
  [{ concurrency: 2 }, { concurrency: 7 }, 9, 2],
  [{}, { concurrency: 7 }, 9, 7],
  [{}, {}, 9, 9],
  [{ concurrency: 1 }, {}, 9, 1],
] as const) {
  paginate(
    `paginate() has ${expected} pages in flight with ${JSON.stringify([options, given, settings])}`,
    async () => {
      const transport = pagedTransport((question) => ({ actions: pageOf(rows(400), question) }))
      const { wfg } = clientOf('http://x.test', {
        transport,
        options: given as WfgOptions,
        config: { concurrency: settings },
      })
      const items: unknown[] = []
      for await (const item of wfg.paginate(COUNTED, { size: 10 }, options)) items.push(item)
      assert.equal([items.length, transport.maxInFlight], [400, expected])
    },
  )
}

paginate('paginate() fetches ahead while the items of a page are used', async () => {
  for (const [document, ahead] of [
    [COUNTED, 5],
    [UNCOUNTED, 2],
  ] as const) {
    const { transport, iterator } = start(rows(100), document, { size: 10 })
    await iterator.next()
    assert.equal(transport.asked, [1, 2, 3, 4, 5].slice(0, ahead))
    await iterator.return(undefined)
  }
})

paginate('paginate() sends nothing before the first item is requested', async () => {
  const { transport, iterator } = start(rows(100), COUNTED, {})
  assert.equal(transport.asked, [])
  await iterator.return(undefined)
  assert.equal(transport.asked, [])
})

// --- ending early ---

paginate('paginate() aborts the other requests when the loop is left', async () => {
  const transport = pagedTransport((question) =>
    question.number === 1 ? { actions: pageOf(rows(100), question) } : new Promise(() => {}),
  )
  const { wfg } = clientOf('http://x.test', { transport })
  for await (const item of wfg.paginate(COUNTED, { size: 10 })) {
    assert.equal(item, rows(1)[0])
    break
  }
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(transport.asked, [1, 2, 3, 4, 5])
  assert.equal(transport.aborted, [2, 3, 4, 5])
})

paginate('paginate() closes the connections of the other requests when the loop is left', async () => {
  const page = { body: { data: { actions: { totalCount: 30, hasNextPage: true, items: rows(10) } } } }
  const stalled = { fault: 'stall' as const }
  await withClient([page, stalled, stalled], {}, async ({ wfg }, server) => {
    for await (const _ of wfg.paginate(COUNTED, { size: 10 })) {
      while (server.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
      break
    }
  })
})

paginate('paginate() rejects with the reason when the signal aborts, before and during a request', async () => {
  const reason = new Error('enough')
  const ended = start(rows(100), COUNTED, {}, { signal: AbortSignal.abort(reason) })
  assert.is(await rejects(ended.iterator.next()), reason)
  assert.equal(ended.transport.asked, [])
  const ending = new AbortController()
  const { transport, iterator } = start(rows(100), COUNTED, { size: 10 }, { signal: ending.signal })
  await iterator.next()
  ending.abort(reason)
  const error = await rejects(async () => {
    for (;;) if ((await iterator.next()).done) return
  })
  assert.is(error, reason)
  assert.ok(transport.asked.length <= 5)
})

paginate('paginate() yields no more items of a page after the signal aborts', async () => {
  const reason = new Error('enough')
  const ending = new AbortController()
  const { iterator } = start(rows(3), COUNTED, {}, { signal: ending.signal })
  assert.equal((await iterator.next()).value, rows(1)[0])
  ending.abort(reason)
  assert.is(await rejects(iterator.next()), reason)
})

paginate('paginate() retries only the page that failed', async () => {
  const transport = pagedTransport((question) => {
    const failed = transport.asked.filter((number) => number === 3).length
    if (question.number === 3 && failed < 3) throw new TransportFailure('exchange', 'ECONNRESET', 'reset')
    return { actions: pageOf(rows(60), question) }
  })
  assert.equal(await all(transport, COUNTED, { size: 10 }), rows(60))
  assert.equal([...transport.asked].sort(), [1, 2, 3, 3, 3, 4, 5, 6])
})

paginate('paginate() throws the error of a page after the items before it', async () => {
  const transport = pagedTransport((question) =>
    question.number === 3 ? { actions: null, broken: true } : { actions: pageOf(rows(100), question) },
  )
  const failing = {
    ...transport,
    async send(request: Parameters<typeof transport.send>[0]) {
      const response = await transport.send(request)
      if (!new TextDecoder().decode(response.body).includes('broken')) return response
      const body = JSON.stringify({ data: { actions: null }, errors: [{ message: 'the third page is broken' }] })
      return { ...response, body: new TextEncoder().encode(body) }
    },
  }
  const { wfg } = clientOf('http://x.test', { transport: failing })
  const items: unknown[] = []
  await rejects(
    async () => {
      for await (const item of wfg.paginate(COUNTED, { size: 10 })) items.push(item)
    },
    { instance: GraphQLExecutionError, message: /the third page is broken/ },
  )
  assert.equal(items, rows(20))
})

// --- servers with moving rows, limits and wrong totals ---

paginate('paginate() drops and counts repeated rows, and calls onPage for each page', async () => {
  const shifted = [...rows(20).slice(0, 10), ...rows(20).slice(8, 18), ...rows(20).slice(18)]
  const pages: unknown[] = []
  const onPage: PaginateOptions['onPage'] = (page) => pages.push(page)
  const { items } = await collect(shifted, COUNTED, { size: 10 }, { onPage })
  assert.equal(items, rows(20))
  assert.equal(pages, [
    { number: 1, items: 10, totalCount: 22, dropped: 0 },
    { number: 2, items: 8, totalCount: 22, dropped: 2 },
    { number: 3, items: 2, totalCount: 22, dropped: 0 },
  ])
})

paginate('paginate() keeps equal rows without id, and rows that are not objects', async () => {
  for (const items of [
    [{ n: 1 }, { n: 1 }, { n: 2 }, { n: 1 }],
    [{ id: null }, { id: null }, { id: null }],
    ['a', 'a', 1, 1, true],
  ])
    assert.equal((await collect(items, COUNTED, { size: 2 })).items, items)
})

paginate('paginate() finds the id of a row under any alias, and mistakes no other field for it', async () => {
  const document = (selection: string) =>
    `query Q($page: Int, $size: Int) { actions(page: { number: $page, size: $size }) { hasNextPage items { ${selection} } } }`
  const items = [
    { own: 1, id: 'a' },
    { own: 2, id: 'b' },
    { own: 2, id: 'b' },
    { own: 3, id: 'a' },
  ] as const
  const byOwn = await collect(items, document('own: id id: name'), { size: 2 })
  assert.equal(byOwn.items, [items[0], items[1], items[3]])
  const byNone = await collect(items, document('own: number id: name'), { size: 2 })
  assert.equal(byNone.items, items)
})

for (const [title, listing] of [
  ['totalCount and hasNextPage', {}],
  ['totalCount', { hasNextPage: () => undefined }],
  ['hasNextPage', { totalCount: () => null }],
] as const) {
  paginate(`paginate() yields all rows when the server limits the size, with ${title}`, async () => {
    const { items, transport } = await collect(rows(120), COUNTED, { size: 100 }, {}, { maxSize: 50, ...listing })
    assert.equal(items, rows(120))
    assert.equal(transport.asked, [1, 2, 3])
  })
}

paginate('paginate() yields all rows when hasNextPage is always true', async () => {
  for (const totalCount of [(honest: number) => honest, () => null]) {
    const { items } = await collect(rows(20), COUNTED, { size: 10 }, {}, { hasNextPage: () => true, totalCount })
    assert.equal(items, rows(20))
  }
})

paginate('paginate() yields all rows when hasNextPage is always false, if totalCount is larger', async () => {
  const { items, transport } = await collect(rows(25), COUNTED, { size: 10 }, {}, { hasNextPage: () => false })
  assert.equal(items, rows(25))
  assert.equal(transport.asked, [1, 2, 3])
  const uncounted = await collect(
    rows(25),
    UNCOUNTED,
    { size: 10 },
    {},
    { hasNextPage: () => false, totalCount: () => undefined },
  )
  assert.equal(uncounted.transport.asked, [1])
})

paginate('paginate() reads up to an empty page without hasNextPage and totalCount', async () => {
  const { items, transport } = await collect(
    rows(25),
    COUNTED,
    { size: 10 },
    {},
    { hasNextPage: () => null, totalCount: () => null },
  )
  assert.equal(items, rows(25))
  assert.equal([transport.asked, transport.maxInFlight], [[1, 2, 3, 4], 1])
})

paginate('paginate() follows a growing and a shrinking totalCount', async () => {
  for (const [from, to] of [
    [25, 45],
    [45, 25],
  ] as const) {
    const transport = pagedTransport((question) => ({
      actions: pageOf(rows(question.number === 1 ? from : to), question),
    }))
    assert.equal(await all(transport, COUNTED, { size: 10 }), rows(to))
  }
})

paginate('paginate() ends at an empty page, even if totalCount is far too large', async () => {
  const { items, transport } = await collect(rows(20), COUNTED, { size: 10 }, {}, { totalCount: () => 1000 })
  assert.equal(items, rows(20))
  assert.ok(transport.asked.length <= 7, `asked ${transport.asked.length} times`)
})

paginate('paginate() skips null items, and continues after a page of them', async () => {
  const list = [null, ...rows(2), null, null, null, ...rows(4).slice(2)]
  const { items, transport } = await collect(list, COUNTED, { size: 2 })
  assert.equal(items, rows(4))
  assert.equal(transport.asked, [1, 2, 3, 4])
})

for (const [title, document, listing, list] of [
  ['with ids', COUNTED, {}, rows(10)],
  ['with ids, uncounted', UNCOUNTED, { totalCount: () => undefined }, rows(10)],
  ['without ids', COUNTED, {}, rows(10).map(({ n }) => ({ n }))],
] as const) {
  paginate(`paginate() throws when the server ignores the page number: ${title}`, async () => {
    const transport = pagedTransport((question) => ({
      actions: { ...pageOf(list, { ...question, number: 1 }, listing), hasNextPage: true },
    }))
    await rejects(all(transport, document, { size: 10 }), {
      instance: WfgError,
      message:
        'Cannot page through the query "Q": page 2 repeats earlier items, and page 1000002 has rows as well, ' +
        'so the server seems to ignore the page number; the items so far may be repeated and are not all.',
    })
    assert.ok(transport.asked.length <= 6)
  })
}

paginate('paginate() also throws when such a server has a different total each time', async () => {
  let total = 1000
  const transport = pagedTransport((question) => ({
    actions: pageOf(rows(10), { ...question, number: 1 }, { totalCount: () => ++total, hasNextPage: () => true }),
  }))
  await rejects(all(transport, COUNTED, { size: 10 }), { instance: WfgError, message: /ignore the page number/ })
  assert.ok(transport.asked.length <= 8, `asked ${transport.asked.length} times`)
})

paginate('paginate() sends a fragment that spreads itself, which the server refuses', async () => {
  const cyclic =
    'query Q($page: Int, $size: Int) { actions(page: { number: $page, size: $size }) { hasNextPage ...A items { id } } } fragment A on Actions { totalCount ...A }'
  const transport = pagedTransport((question) => ({ actions: pageOf(rows(3), question) }))
  assert.equal((await all(transport, cyclic, { size: 10 })).length, 3)
})

const OPEN = { status: 'OPEN' }
const CLOSED = { status: 'CLOSED' }
for (const [title, row] of [
  ['equal rows', () => OPEN],
  ['rows in the same order', (index: number) => (index % 5 === 0 ? CLOSED : OPEN)],
  ['rows whose id is null', () => ({ id: null })],
] as const) {
  paginate(`paginate() accepts equal pages: ${title}`, async () => {
    const alike = Array.from({ length: 95 }, (_, index) => row(index))
    for (const listing of [{}, { totalCount: () => null }, { hasNextPage: () => null }]) {
      const { items, transport } = await collect(alike, COUNTED, { size: 10 }, {}, listing)
      assert.equal(items, alike)
      assert.is(transport.asked.filter((number) => number > 1_000_000).length, 1, 'it asks once')
    }
  })
}

paginate('paginate() accepts an error for a page beyond the end', async () => {
  const alike = Array.from({ length: 30 }, () => OPEN)
  const transport = pagedTransport((question) => ({ actions: pageOf(alike, question) }))
  const refusing = {
    ...transport,
    async send(request: Parameters<typeof transport.send>[0]) {
      const response = await transport.send(request)
      if (!String(request.body).includes('"page":1000002')) return response
      const body = JSON.stringify({ errors: [{ message: 'page is out of range' }] })
      return { ...response, body: new TextEncoder().encode(body) }
    },
  }
  const { wfg } = clientOf('http://x.test', { transport: refusing })
  let count = 0
  for await (const _ of wfg.paginate(UNCOUNTED, { size: 10 })) count += 1
  assert.is(count, 30)
})

paginate('paginate() accepts the last page in place of one beyond the end, if hasNextPage is false', async () => {
  const alike = Array.from({ length: 35 }, () => OPEN)
  const transport = pagedTransport((question) => {
    const number = Math.min(question.number, 4)
    return { actions: pageOf(alike, { ...question, number }) }
  })
  assert.is((await all(transport, COUNTED, { size: 10 })).length, 35)
})

paginate('paginate() accepts a page that has moved by its whole size', async () => {
  let list = [{ id: 'a' }, { id: 'b' }]
  const transport = pagedTransport((question) => {
    const page = { actions: pageOf(list, question) }
    if (question.number === 1) list = [{ id: 'new' }, ...list]
    return page
  })
  assert.equal(await all(transport, COUNTED, { size: 1 }), [{ id: 'a' }, { id: 'b' }])
})

paginate('paginate() needs little memory for many rows', async () => {
  const transport = pagedTransport((question) => {
    const from = (question.number - 1) * 1000
    const items = Array.from({ length: 1000 }, (_, index) => ({ n: from + index, text: 'x'.repeat(100) }))
    return { actions: { items, totalCount: 200_000, hasNextPage: question.number < 200 } }
  })
  const { wfg } = clientOf('http://x.test', { transport })
  let count = 0
  for await (const _ of wfg.paginate(COUNTED, { size: 1000 })) count += 1
  assert.is(count, 200_000)
})

// --- internal ---

function withoutTotal(document: string): Listing {
  return document === UNCOUNTED ? { totalCount: () => undefined } : {}
}

function withoutNext(document: string): Listing {
  return document === TOTAL_ONLY ? { hasNextPage: () => undefined } : {}
}

async function all(
  transport: PagedTransport,
  document: string,
  variables: Variables,
  options: PaginateOptions = {},
): Promise<unknown[]> {
  const { wfg } = clientOf('http://x.test', { transport })
  const items: unknown[] = []
  for await (const item of wfg.paginate(document, variables, options)) items.push(item)
  return items
}

async function collect(
  list: readonly unknown[],
  document: string,
  variables: Variables,
  options: PaginateOptions = {},
  listing: Listing = {},
  watch: (question: PageQuestion) => void = () => {},
): Promise<{ items: unknown[]; transport: PagedTransport }> {
  const transport = pagedTransport((question) => {
    watch(question)
    return { actions: pageOf(list, question, listing) }
  })
  return { items: await all(transport, document, variables, options), transport }
}

function start(list: readonly unknown[], document: string, variables: Variables, options: PaginateOptions = {}) {
  const transport = pagedTransport((question) => ({
    actions: pageOf(list, question, withoutTotal(document)),
  }))
  const { wfg } = clientOf('http://x.test', { transport })
  return { transport, iterator: wfg.paginate(document, variables, options) }
}

paginate.run()
