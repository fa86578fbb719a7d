import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { APPLICATIONS } from '../../../runtime/sandbox/mod.ts'
import { type Caller, withSandbox } from '../_sandbox.ts'

const resolvers = suite('resolvers')
const clerk = { application: APPLICATIONS.clerk }

/** Names of a list's fields, and what to select of an entry. */
async function everyItem({ data }: Caller, field: string, selection: string, size: number) {
  const items = []
  for (let number = 1; ; number++) {
    const { list } = await data(
      `query ($number: Int, $size: Int) { list: ${field}(page: { number: $number, size: $size }) {
        totalCount hasNextPage hasPreviousPage items { ${selection} } } }`,
      { number, size },
    )
    items.push(...list.items)
    assert.is(list.hasPreviousPage, number > 1)
    if (!list.hasNextPage) {
      assert.is(items.length, list.totalCount)
      return items
    }
    assert.is(list.items.length, size)
  }
}

resolvers('requests come in pages, by number, each once', () =>
  withSandbox(async (caller) => {
    const requests = await everyItem(caller, 'requests', 'number', 60)
    assert.equal(
      requests.map(({ number }) => number),
      Array.from({ length: 400 }, (_, index) => index + 1),
    )
  }),
)

resolvers('actions come in pages, by request and number, each once', () =>
  withSandbox(async (caller) => {
    const actions = await everyItem(caller, 'actions', 'id number request { number }', 300)
    const positions = actions.map(({ number, request }) => request.number * 10 + number)
    assert.equal(
      positions,
      [...positions].sort((a, b) => a - b),
    )
    assert.is(new Set(actions.map(({ id }) => id)).size, actions.length)
  }),
)

resolvers('a page has 50 items by default, and is empty beyond the end', () =>
  withSandbox(async ({ data }) => {
    const { first, beyond } = await data(`{
      first: requests { hasNextPage hasPreviousPage items { number } }
      beyond: requests(page: { number: 9 }) { totalCount hasNextPage hasPreviousPage items { number } }
    }`)
    assert.is(first.items.length, 50)
    assert.is(first.hasNextPage, true)
    assert.is(first.hasPreviousPage, false)
    assert.equal(beyond, { totalCount: 400, hasNextPage: false, hasPreviousPage: true, items: [] })
  }),
)

resolvers('a page whose number or size is less than 1 is an error', () =>
  withSandbox(async ({ graphql }) => {
    for (const page of ['number: 0', 'size: 0', 'number: -1, size: 5']) {
      const { status, data, errors } = await graphql(`{ requests(page: { ${page} }) { totalCount } }`)
      assert.is(status, 200)
      assert.equal(data, { requests: null })
      assert.equal(errors?.[0]?.path, ['requests'])
    }
  }),
)

resolvers('maxPageSize limits the size of all pages', () =>
  withSandbox(
    async ({ data }) => {
      const { requests } = await data('{ requests(page: { number: 2, size: 1000 }) { hasNextPage items { number } } }')
      assert.is(requests.items.length, 30)
      assert.is(requests.items[0].number, 31)
      assert.is(requests.hasNextPage, true)
    },
    { maxPageSize: 30 },
  ),
)

resolvers('requests are filtered by createdSince, processName and status, together', () =>
  withSandbox(async (caller) => {
    const all = await everyItem(caller, 'requests', 'number openedAt status process { name }', 200)
    const filtered = async (filter: string) => {
      const { requests } = await caller.data(
        `{ requests(page: { size: 400 }, filter: { ${filter} }) { totalCount items { number } } }`,
      )
      assert.is(requests.totalCount, requests.items.length)
      return requests.items.map(({ number }: { number: number }) => number)
    }
    const numbers = (keep: (request: (typeof all)[number]) => boolean) => all.filter(keep).map(({ number }) => number)
    const since = '2026-09-01T00:00:00.000Z'
    const byDate = numbers(({ openedAt }) => openedAt >= since)
    const byAll = numbers(
      (request) => request.openedAt >= since && request.process.name === 'LEAVE_REQUEST' && request.status === 'CLOSED',
    )
    assert.ok(byDate.length > 20 && byAll.length > 2)
    assert.equal(await filtered('createdSince: "2026-09-01"'), byDate)
    assert.equal(
      await filtered('processName: "PURCHASE_ORDER"'),
      numbers(({ process }) => process.name === 'PURCHASE_ORDER'),
    )
    assert.equal(
      await filtered('status: OPEN'),
      numbers(({ status }) => status === 'OPEN'),
    )
    assert.equal(await filtered('createdSince: "2026-09-01", processName: "LEAVE_REQUEST", status: CLOSED'), byAll)
    assert.equal(await filtered('processName: "NONE"'), [])
  }),
)

resolvers('actions are filtered by createdSince, requestNumber, processName and status, together', () =>
  withSandbox(async (caller) => {
    const all = await everyItem(caller, 'actions', 'id openedAt status request { number process { name } }', 1000)
    const filtered = async (filter: string) => {
      const { actions } = await caller.data(
        `{ actions(page: { size: 2000 }, filter: { ${filter} }) { totalCount items { id } } }`,
      )
      assert.is(actions.totalCount, actions.items.length)
      return actions.items.map(({ id }: { id: string }) => id)
    }
    const ids = (keep: (action: (typeof all)[number]) => boolean) => all.filter(keep).map(({ id }) => id)
    const since = '2026-11-10T00:00:00.000Z'
    const open = ids(({ status }) => status === 'OPEN')
    assert.ok(open.length > 10 && open.length < all.length / 2)
    assert.equal(
      await filtered('createdSince: "2026-11-10"'),
      ids(({ openedAt }) => openedAt >= since),
    )
    assert.equal(
      await filtered('requestNumber: 16'),
      ids(({ request }) => request.number === 16),
    )
    assert.equal(await filtered('requestNumber: 401'), [])
    assert.equal(
      await filtered('processName: "INVOICE_APPROVAL"'),
      ids(({ request }) => request.process.name === 'INVOICE_APPROVAL'),
    )
    assert.equal(await filtered('status: OPEN'), open)
    assert.equal(
      await filtered('createdSince: "2026-11-10", status: OPEN'),
      ids(({ openedAt, status }) => openedAt >= since && status === 'OPEN'),
    )
  }),
)

resolvers('requests and actions are ordered by a field and a direction, with missing values last', () =>
  withSandbox(async ({ data }) => {
    const ordered = async (list: string, field: string, direction: string, selection: string) =>
      (
        await data(
          `query ($field: String, $direction: String) {
            list: ${list}(page: { size: 2000 }, orderBy: { field: $field, direction: $direction }) { items { ${selection} } } }`,
          { field, direction },
        )
      ).list.items
    const numbers = (await ordered('requests', 'number', 'DESC', 'number')).map(
      ({ number }: { number: number }) => number,
    )
    assert.is(numbers[0], 400)
    assert.is(numbers[399], 1)
    const closed = (await ordered('requests', 'closedAt', 'asc', 'closedAt')).map(
      ({ closedAt }: { closedAt: string }) => closedAt,
    )
    const values = closed.filter((value: string | null) => value !== null)
    assert.equal(values, [...values].sort())
    assert.equal(closed, [...values, ...Array(400 - values.length).fill(null)])
    const names = (await ordered('actions', 'name', 'DESC', 'name')).map(({ name }: { name: string }) => name)
    assert.equal(names, [...names].sort().reverse())
  }),
)

resolvers('an order by an unknown field or direction is an error that lists the known ones', () =>
  withSandbox(async ({ graphql }) => {
    const message = async (order: string) =>
      (await graphql(`{ requests(orderBy: { ${order} }) { totalCount } }`)).errors?.[0]?.message
    assert.is(
      await message('field: "size"'),
      'Cannot order by "size": expected number, description, status, openedAt, closedAt, processName, requester.',
    )
    assert.is(await message('field: "constructor"'), (await message('field: "size"'))?.replace('size', 'constructor'))
    assert.is(
      await message('field: "number", direction: "up"'),
      'Cannot order in direction "up": expected ASC or DESC.',
    )
  }),
)

resolvers('there are twelve users, filtered by user name', () =>
  withSandbox(async ({ data }) => {
    const { users, one, none } = await data(`{
      users { totalCount items { userName firstName lastName email department defaultLanguage isActive } }
      one: users(filter: { userName: "luc_tremblay" }) { totalCount items { id } }
      none: users(filter: { userName: "nobody" }) { totalCount items { id } }
    }`)
    assert.is(users.totalCount, 12)
    assert.equal(users.items[0], {
      userName: 'john_smith',
      firstName: 'John',
      lastName: 'Smith',
      email: 'john.smith@example.com',
      department: 'Finance',
      defaultLanguage: 'en-US',
      isActive: true,
    })
    assert.is(users.items.filter(({ isActive }: { isActive: boolean }) => !isActive).length, 1)
    assert.equal(one, { totalCount: 1, items: [{ id: 'VXNlcjo0' }] })
    assert.equal(none, { totalCount: 0, items: [] })
  }),
)

resolvers('there are six processes, one of them in two versions', () =>
  withSandbox(async ({ data }) => {
    const { processes, newest, older, byId } = await data(`{
      processes(page: { size: 20 }) { totalCount hasNextPage hasPreviousPage items { id name version description } }
      newest: process(name: "PURCHASE_ORDER") { id version }
      older: process(name: "PURCHASE_ORDER", version: 1) { version }
      byId: process(id: "${btoa('Process:2')}") { name }
    }`)
    assert.is(processes.totalCount, 7)
    assert.is(new Set(processes.items.map(({ name }: { name: string }) => name)).size, 6)
    assert.is(newest.version, 2)
    assert.is(older.version, 1)
    assert.is(byId.name, 'SIMPLE_REQUEST_FILE')
  }),
)

resolvers('an object is found by its id, and by its number or name', () =>
  withSandbox(async ({ data }) => {
    const { request, action, user } = await data(`{
      request(number: 16) { id number }
      action(requestNumber: 16, number: 1) { id number }
      user(userName: "john_smith") { id userName }
    }`)
    assert.is(atob(request.id), 'Request:16')
    assert.match(atob(action.id), /^Action:\d+$/)
    const again = await data(
      'query ($r: ID, $a: ID, $u: ID) { request(id: $r) { id number } action(id: $a) { id number } user(id: $u) { id userName } }',
      {
        r: request.id,
        a: action.id,
        u: user.id,
      },
    )
    assert.equal(again, { request, action, user })
  }),
)

resolvers('node finds every type by its id', () =>
  withSandbox(async ({ data }) => {
    const { request } = await data(
      `{ request(number: 1) { id process { id } actions { items { id activity { id } assignee { id } } } } }`,
    )
    const { id, process, actions } = request
    const [{ id: actionId, activity, assignee }] = actions.items
    for (const [type, nodeId] of [
      ['Request', id],
      ['Process', process.id],
      ['Action', actionId],
      ['Activity', activity.id],
      ['User', assignee.id],
    ]) {
      const { node } = await data('query ($id: ID!) { node(id: $id) { __typename id } }', { id: nodeId })
      assert.equal(node, { __typename: type, id: nodeId })
    }
  }),
)

resolvers('node returns a user whose lists work', () =>
  withSandbox(async ({ data }) => {
    const { node, viewer } = await data(`{
      node(id: "VXNlcjox") { ... on User { requests { totalCount } actions { totalCount } } }
      viewer { requests { totalCount } actions { totalCount } }
    }`)
    assert.ok(viewer.requests.totalCount > 0)
    assert.equal(node, viewer)
  }),
)

for (const [field, message] of [
  ['request(number: 401) { id }', 'Request 401 not found.'],
  ['request(number: 0) { id }', 'Request 0 not found.'],
  ['request { id }', 'Cannot find a request: expected its id or its number.'],
  ['action(requestNumber: 16, number: 9) { id }', 'Action 9 of request 16 not found.'],
  ['action(number: 1) { id }', 'Cannot find an action: expected its id, or requestNumber and number.'],
  ['user(userName: "nobody") { id }', 'User "nobody" not found.'],
  ['process(name: "NONE") { id }', 'Process "NONE" not found.'],
  ['process(name: "PURCHASE_ORDER", version: 9) { id }', 'Process "PURCHASE_ORDER" version 9 not found.'],
  ['node(id: "nonsense") { id }', '"nonsense" is not an id of this server.'],
  ['request(id: "VXNlcjox") { id }', 'The id "VXNlcjox" is of type User, not Request.'],
] as const) {
  resolvers(`${field} is null with an error at its path`, () =>
    withSandbox(async ({ graphql }) => {
      const { status, data, errors } = await graphql(`{ viewer { userName } wrong: ${field} }`)
      assert.is(status, 200)
      assert.equal(data, { viewer: { userName: 'john_smith' }, wrong: null })
      assert.is(errors?.length, 1)
      assert.is(errors?.[0]?.message, message)
      assert.equal(errors?.[0]?.path, ['wrong'])
    }),
  )
}

resolvers("viewer has the user's assigned actions and own requests", () =>
  withSandbox(async ({ data }) => {
    const { viewer } = await data(`{ viewer {
      actions(page: { size: 500 }, filter: { status: OPEN, createdSince: "2026-01-01" }) { totalCount items { openedAt status assignee { userName } } }
      requests(page: { size: 500 }, filter: { processName: "LEAVE_REQUEST" }) { totalCount items { requester { userName } process { name } } }
    } }`)
    assert.ok(viewer.actions.totalCount > 0 && viewer.requests.totalCount > 0)
    for (const { openedAt, status, assignee } of viewer.actions.items) {
      assert.is(`${status} ${assignee.userName} ${openedAt >= '2026'}`, 'OPEN john_smith true')
    }
    for (const { requester, process } of viewer.requests.items) {
      assert.is(`${requester.userName} ${process.name}`, 'john_smith LEAVE_REQUEST')
    }
  }),
)

resolvers('a request has its actions in pages and filtered, and its data by name', () =>
  withSandbox(async ({ data }) => {
    const { requests } = await data(
      '{ requests(filter: { processName: "INVOICE_APPROVAL", status: CLOSED }) { items { number actions { totalCount } } } }',
    )
    const { number } = requests.items.find(
      ({ actions }: { actions: { totalCount: number } }) => actions.totalCount === 4,
    )
    const { request } = await data(
      `query ($number: Int) { request(number: $number) {
        page: actions(page: { number: 2, size: 3 }) { totalCount hasNextPage hasPreviousPage items { number name } }
        open: actions(filter: { status: OPEN }) { totalCount }
        dataset { totalCount hasNextPage items { name dataType } }
        some: dataset(filter: { names: ["INVOICE_AMOUNT", "NONE"] }) { totalCount items { id name description textValue numericValue dateTimeValue fileValue { name } } }
      } }`,
      { number },
    )
    assert.equal(request.page, {
      totalCount: 4,
      hasNextPage: false,
      hasPreviousPage: true,
      items: [{ number: 4, name: '4-PAYS' }],
    })
    assert.equal(request.open, { totalCount: 0 })
    assert.equal(
      request.dataset.items.map(({ name, dataType }: { name: string; dataType: string }) => `${name} ${dataType}`),
      ['INVOICE_NUMBER TEXT', 'SUPPLIER TEXT', 'INVOICE_AMOUNT NUMERIC', 'INVOICE_DATE DATETIME', 'INVOICE_FILE FILE'],
    )
    assert.is(request.some.totalCount, 1)
    const { id, numericValue, ...rest } = request.some.items[0]
    assert.type(id, 'string')
    assert.ok(numericValue > 0 && numericValue <= 40000)
    assert.equal(rest, {
      name: 'INVOICE_AMOUNT',
      description: 'Amount',
      textValue: null,
      dateTimeValue: null,
      fileValue: null,
    })
  }),
)

resolvers('a file has its size, its type and its content', () =>
  withSandbox(async ({ data }) => {
    const { requests } = await data(`{ requests(filter: { processName: "SIMPLE_REQUEST_FILE" }) { items { number
      dataset(filter: { names: ["REQUEST_FILE"] }) { items { fileValue { name contentType size updatedAt url content } } } } } }`)
    const files = requests.items.map(
      ({ dataset }: { dataset: { items: { fileValue: unknown }[] } }) => dataset.items[0]?.fileValue,
    )
    assert.ok(files.includes(null))
    const file = files.find((value: unknown) => value !== null)
    assert.is(atob(file.content).length, file.size)
    assert.is(file.contentType, 'text/plain')
    assert.match(file.name, /^request_file-\d+\.txt$/)
    assert.match(file.updatedAt, /Z$/)
    assert.is(file.url, null)
  }),
)

resolvers('some open actions are assigned to nobody', () =>
  withSandbox(async ({ data }) => {
    const { actions } = await data(
      '{ actions(page: { size: 500 }, filter: { status: OPEN }) { items { assignee { userName } } } }',
    )
    assert.ok(actions.items.some(({ assignee }: { assignee: unknown }) => assignee === null))
  }),
)

resolvers('a user with few rights sees only own requests, their actions and assigned actions', () =>
  withSandbox(async ({ data, graphql }) => {
    const { requests, actions } = await data(
      `{ requests(page: { size: 400 }) { totalCount items { requester { userName } } }
         actions(page: { size: 2000 }) { items { assignee { userName } request { requester { userName } } } } }`,
      {},
      clerk,
    )
    assert.ok(requests.totalCount > 5 && requests.totalCount < 100)
    for (const { requester } of requests.items) assert.is(requester.userName, 'emma_clark')
    for (const { assignee, request } of actions.items) {
      assert.ok([assignee?.userName, request.requester.userName].includes('emma_clark'))
    }
    const other = (
      await data('{ requests(page: { size: 50 }) { items { number requester { userName } } } }')
    ).requests.items.find(({ requester }: { requester: { userName: string } }) => requester.userName !== 'emma_clark')
    const hidden = await graphql('query ($n: Int) { request(number: $n) { id } }', { n: other.number }, clerk)
    assert.equal(hidden.data, { request: null })
    assert.is(hidden.errors?.[0]?.message, `Request ${other.number} not found.`)
  }),
)

resolvers('all data are consistent', () =>
  withSandbox(async (caller) => {
    const requests = await everyItem(
      caller,
      'requests',
      `number status subStatus isTest openedAt closedAt limit description requester { userName } process { name }
       actions { items { number status openedAt updatedAt closedAt limit initiator { userName } activity { name hasQuickApproval process { name } } name } }`,
      400,
    )
    for (const { number, status, subStatus, openedAt, closedAt, actions, process } of requests) {
      const at = `request ${number}`
      assert.is(closedAt === null, status === 'OPEN', at)
      assert.is(subStatus === null, status === 'OPEN', at)
      assert.ok(actions.items.length >= 1 && actions.items.length <= 4, at)
      assert.is(actions.items[0].openedAt, openedAt, at)
      assert.is(actions.items.at(-1).status, status, at)
      assert.is(actions.items.at(-1).closedAt, closedAt, at)
      for (const action of actions.items.slice(0, -1)) assert.is(action.status, 'CLOSED', at)
      for (const action of actions.items) assert.is(action.activity.process.name, process.name, at)
    }
    const subStatuses = new Set(requests.map(({ subStatus }) => subStatus))
    assert.equal(subStatuses, new Set(['COMPLETED', 'CANCELLED', 'ABORTED', null]))
  }),
)

resolvers.run()
