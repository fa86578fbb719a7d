import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { APPLICATIONS } from '../../../runtime/sandbox/mod.ts'
import { type Caller, withSandbox } from '../_sandbox.ts'

const mutations = suite('mutations')

const CREATE = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) {
  clientMutationId
  request { number status isTest closedAt requester { userName } process { name version }
    actions { items { number name status assignee { userName } } }
    dataset { items { name textValue numericValue dateTimeValue } } } } }`
const COMPLETE = `mutation ($input: CompleteActionInput!) { completeAction(input: $input) {
  clientMutationId action { id number status closedAt request { number status subStatus closedAt actions { items { number name status assignee { userName } } } } } } }`

async function create({ data }: Caller, input: object = { processName: 'SIMPLE_REQUEST' }) {
  return (await data(CREATE, { input })).createRequest.request
}

/** The message of the one error, which is at the mutation's own path and left the data null. */
async function refused({ graphql }: Caller, mutation: string, path: string): Promise<string | undefined> {
  const { status, data, errors } = await graphql(`mutation { ${mutation} { clientMutationId } }`)
  assert.is(status, 200)
  assert.equal(data, { [path]: null })
  assert.equal(errors?.[0]?.path, [path])
  return errors?.[0]?.message
}

mutations('createRequest() opens a request with its first action, for the caller', () =>
  withSandbox(async ({ data }) => {
    const { createRequest } = await data(CREATE, {
      input: {
        processName: 'PURCHASE_ORDER',
        clientMutationId: 'm1',
        isTest: true,
        parameters: [
          { name: 'ITEM', textValue: 'Lamp' },
          { name: 'AMOUNT', numericValue: 12.5 },
          { name: 'DELIVERY_DATE', dateTimeValue: '2027-01-31T10:00:00.1234567+01:00' },
        ],
      },
    })
    assert.is(createRequest.clientMutationId, 'm1')
    const { dataset, ...request } = createRequest.request
    assert.equal(request, {
      number: 401,
      status: 'OPEN',
      isTest: true,
      closedAt: null,
      requester: { userName: 'john_smith' },
      process: { name: 'PURCHASE_ORDER', version: 2 },
      actions: { items: [{ number: 1, name: '1-REQUESTS', status: 'OPEN', assignee: { userName: 'john_smith' } }] },
    })
    const empty = { textValue: null, numericValue: null, dateTimeValue: null }
    assert.equal(dataset.items, [
      { ...empty, name: 'ITEM', textValue: 'Lamp' },
      { ...empty, name: 'SUPPLIER' },
      { ...empty, name: 'AMOUNT', numericValue: 12.5 },
      { ...empty, name: 'DELIVERY_DATE', dateTimeValue: '2027-01-31T09:00:00.123Z' },
      { ...empty, name: 'QUOTE' },
      { ...empty, name: 'ORDER_NUMBER' },
      { ...empty, name: 'FORM_DATA' },
      { ...empty, name: 'FORM_ARCHIVE' },
    ])
  }),
)

mutations('createRequest() takes a version, or the id of a process', () =>
  withSandbox(async (caller) => {
    assert.is((await create(caller, { processName: 'PURCHASE_ORDER', processVersion: 1 })).process.version, 1)
    assert.is((await create(caller, { processId: btoa('Process:5') })).process.name, 'LEAVE_REQUEST')
  }),
)

mutations('createRequest() adds the request to every list', () =>
  withSandbox(async (caller) => {
    const count = async () =>
      caller.data(
        '{ requests { totalCount } actions(filter: { status: OPEN }) { totalCount } viewer { requests { totalCount } } }',
      )
    const before = await count()
    const { number } = await create(caller)
    await create(caller)
    const after = await count()
    assert.is(after.requests.totalCount, before.requests.totalCount + 2)
    assert.is(after.actions.totalCount, before.actions.totalCount + 2)
    assert.is(after.viewer.requests.totalCount, before.viewer.requests.totalCount + 2)
    const { request } = await caller.data('query ($number: Int) { request(number: $number) { openedAt } }', { number })
    assert.ok(Math.abs(Date.now() - Date.parse(request.openedAt)) < 60_000)
  }),
)

mutations('several mutations in one request run in order, and a failed one does not affect the others', () =>
  withSandbox(async ({ graphql }) => {
    const { status, data, errors } = await graphql(`mutation {
      a: createRequest(input: { processName: "SIMPLE_REQUEST" }) { request { number } }
      b: createRequest(input: { processName: "NONE" }) { request { number } }
      c: createRequest(input: { processName: "SIMPLE_REQUEST" }) { request { number } }
    }`)
    assert.is(status, 200)
    assert.equal(data, { a: { request: { number: 401 } }, b: null, c: { request: { number: 402 } } })
    assert.equal(
      errors?.map(({ path }) => path),
      [['b']],
    )
  }),
)

mutations('updateRequestDataset() changes only the given data', () =>
  withSandbox(async ({ data }) => {
    const find =
      '{ requests(filter: { processName: "INVOICE_APPROVAL" }) { items { number dataset { items { name textValue numericValue } } } } }'
    const [{ number, dataset }] = (await data(find)).requests.items
    const { updateRequestDataset } = await data(
      `mutation ($input: UpdateRequestDatasetInput!) { updateRequestDataset(input: $input) { clientMutationId request { number } } }`,
      {
        input: {
          number,
          clientMutationId: 'x',
          parameters: [{ name: 'SUPPLIER', textValue: 'New' }, { name: 'INVOICE_AMOUNT' }],
        },
      },
    )
    assert.equal(updateRequestDataset, { clientMutationId: 'x', request: { number } })
    const changed = dataset.items.map((item: { name: string }) =>
      item.name === 'SUPPLIER' ? { ...item, textValue: 'New' } : item,
    )
    assert.equal((await data(find)).requests.items[0].dataset.items, changed)
  }),
)

mutations('updateRequestDataset() with a null value clears nothing', () =>
  withSandbox(async (caller) => {
    const { number } = await create(caller, {
      processName: 'SIMPLE_REQUEST',
      parameters: [{ name: 'REQUEST_SUBJECT', textValue: 'kept' }],
    })
    const { updateRequestDataset } = await caller.data(
      `mutation ($input: UpdateRequestDatasetInput!) { updateRequestDataset(input: $input) { request { dataset { items { textValue } } } } }`,
      { input: { number, parameters: [{ name: 'REQUEST_SUBJECT', textValue: null }] } },
    )
    assert.is(updateRequestDataset.request.dataset.items[0].textValue, 'kept')
  }),
)

mutations('completeAction() opens the next action, and closes the request after the last', () =>
  withSandbox(async (caller) => {
    const { number: requestNumber } = await create(caller)
    const first = (
      await caller.data(COMPLETE, {
        input: {
          requestNumber,
          number: 1,
          clientMutationId: 'c',
          parameters: [{ name: 'REQUEST_SUBJECT', textValue: 'x' }],
        },
      })
    ).completeAction
    assert.is(first.clientMutationId, 'c')
    assert.is(first.action.status, 'CLOSED')
    assert.is(first.action.request.status, 'OPEN')
    assert.equal(first.action.request.actions.items, [
      { number: 1, name: '1-INITIATES', status: 'CLOSED', assignee: { userName: 'john_smith' } },
      { number: 2, name: '2-VALIDATES', status: 'OPEN', assignee: { userName: 'john_smith' } },
    ])
    const { action } = await caller.data('query ($r: Int) { action(requestNumber: $r, number: 2) { id } }', {
      r: requestNumber,
    })
    const last = (await caller.data(COMPLETE, { input: { id: action.id } })).completeAction.action
    assert.is(last.id, action.id)
    assert.is(last.request.status, 'CLOSED')
    assert.is(last.request.subStatus, 'COMPLETED')
    assert.is(last.request.closedAt, last.closedAt)
  }),
)

mutations('completeAction() changes nothing if a parameter is wrong', () =>
  withSandbox(async (caller) => {
    const { number } = await create(caller)
    const input = `requestNumber: ${number}, number: 1, parameters: [{ name: "REQUEST_SUBJECT", textValue: "x" }, { name: "NO", textValue: "x" }]`
    const message = await refused(caller, `completeAction(input: { ${input} })`, 'completeAction')
    assert.is(message, 'Process "SIMPLE_REQUEST" version 1 has no data "NO".')
    const { request } = await caller.data(
      'query ($number: Int) { request(number: $number) { actions { items { status } } dataset { items { textValue } } } }',
      { number },
    )
    assert.equal(request.actions.items, [{ status: 'OPEN' }])
    assert.is(request.dataset.items[0].textValue, null)
  }),
)

mutations('assignAction() assigns the action to another user', () =>
  withSandbox(async (caller) => {
    const { number } = await create(caller)
    const clerk = { application: APPLICATIONS.clerk }
    const toDo = async () =>
      (await caller.data('{ viewer { actions(filter: { status: OPEN }) { totalCount } } }', {}, clerk)).viewer.actions
        .totalCount
    const before = await toDo()
    const { assignAction } = await caller.data(
      `mutation { assignAction(input: { requestNumber: ${number}, number: 1, assigneeUserName: "emma_clark", clientMutationId: "a" }) {
        clientMutationId action { assignee { userName } } } }`,
    )
    assert.equal(assignAction, { clientMutationId: 'a', action: { assignee: { userName: 'emma_clark' } } })
    assert.is(await toDo(), before + 1)
  }),
)

mutations('cancelRequest() closes the request and its open action', () =>
  withSandbox(async (caller) => {
    const { number } = await create(caller)
    const { cancelRequest } = await caller.data(
      `mutation { cancelRequest(input: { number: ${number}, clientMutationId: "z" }) {
        clientMutationId request { status subStatus actions { items { status } } } } }`,
    )
    assert.equal(cancelRequest, {
      clientMutationId: 'z',
      request: { status: 'CLOSED', subStatus: 'CANCELLED', actions: { items: [{ status: 'CLOSED' }] } },
    })
  }),
)

mutations('a mutation that is not possible gives an error at its path, with null data', () =>
  withSandbox(async (caller) => {
    const { number } = await create(caller)
    const simple = 'createRequest(input: { processName: "SIMPLE_REQUEST_FILE", parameters: [{ name: '
    assert.is(
      await refused(caller, 'createRequest(input: {})', 'createRequest'),
      'Cannot find a process: expected its id or its name.',
    )
    assert.is(
      await refused(caller, 'createRequest(input: { processName: "NONE" })', 'createRequest'),
      'Process "NONE" not found.',
    )
    assert.is(
      await refused(caller, `${simple}"NONE", textValue: "x" }] })`, 'createRequest'),
      'Process "SIMPLE_REQUEST_FILE" version 1 has no data "NONE".',
    )
    assert.is(
      await refused(caller, `${simple}"REQUEST_FILE", textValue: "x" }] })`, 'createRequest'),
      'Data "REQUEST_FILE" is of type FILE: it takes fileValue, not textValue.',
    )
    assert.is(
      await refused(caller, 'updateRequestDataset(input: { number: 9999 })', 'updateRequestDataset'),
      'Request 9999 not found.',
    )
    assert.is(
      await refused(caller, 'cancelRequest(input: { number: 1 })', 'cancelRequest'),
      'Cannot cancel request 1: it is closed.',
    )
    assert.is(
      await refused(caller, 'completeAction(input: { requestNumber: 1, number: 1 })', 'completeAction'),
      'Action 1 of request 1 is closed.',
    )
    assert.is(
      await refused(caller, 'completeAction(input: { requestNumber: 1, number: 9 })', 'completeAction'),
      'Action 9 of request 1 not found.',
    )
    const assign = `assignAction(input: { requestNumber: ${number}, number: 1, assigneeUserName: `
    assert.is(await refused(caller, `${assign}"nobody" })`, 'assignAction'), 'User "nobody" not found.')
    assert.is(
      await refused(caller, `${assign}"carl_jensen" })`, 'assignAction'),
      'Cannot assign an action to "carl_jensen": the user is not active.',
    )
  }),
)

mutations('a user with few rights can change only own requests', () =>
  withSandbox(async ({ graphql }) => {
    const clerk = { application: APPLICATIONS.clerk }
    const { data, errors } = await graphql(
      'mutation { updateRequestDataset(input: { number: 1 }) { clientMutationId } }',
      {},
      clerk,
    )
    assert.equal(data, { updateRequestDataset: null })
    assert.is(errors?.[0]?.message, 'Request 1 not found.')
  }),
)

mutations('nonNullPayloads makes data null if one of several fails, after the others are done', () =>
  withSandbox(
    async (caller) => {
      const { status, data, errors } = await caller.graphql(`mutation {
        a: createRequest(input: { processName: "SIMPLE_REQUEST" }) { request { number } }
        b: createRequest(input: { processName: "NONE" }) { request { number } }
      }`)
      assert.is(status, 500)
      assert.is(data, null)
      assert.equal(
        errors?.map(({ path }) => path),
        [['b']],
      )
      assert.is((await caller.data('{ requests { totalCount } }')).requests.totalCount, 401)
    },
    { nonNullPayloads: true },
  ),
)

mutations.run()
