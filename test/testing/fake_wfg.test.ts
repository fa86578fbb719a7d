import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import {
  GraphQLExecutionError,
  GraphQLRequestError,
  OutcomeUnknownError,
  UsageError,
} from '../../runtime/core/errors.ts'
import { createFake, type FakeAnswers } from '../../runtime/testing/fake_wfg.ts'
import * as testing from '../../runtime/testing/mod.ts'
import { hides, rejects } from '../_assert.ts'

const fake = suite('testing/fake_wfg')

/** Without the schemas in this repository. */
const fakeWfg = (answers: FakeAnswers) => createFake(answers)
/** With the sandbox's schema in this repository. */
const sandboxFake = (answers: FakeAnswers) => testing.fakeWfg(answers, { profile: 'sandbox' })

const VIEWER = 'query Viewer { viewer { userName id } }'
const JOHN = { viewer: { userName: 'john_smith', id: 'u1' } }

fake('fakeWfg() answers every call by operation name, and records the calls', async () => {
  const wfg = fakeWfg({ Viewer: JOHN })
  assert.equal(await wfg(VIEWER), JOHN)
  assert.equal(await wfg(VIEWER, { a: 1 }), JOHN)
  assert.equal(wfg.calls, [
    { operationName: 'Viewer', variables: {} },
    { operationName: 'Viewer', variables: { a: 1 } },
  ])
  wfg.assertDone()
})

fake('fakeWfg() answers an operation without a name from the empty name', async () => {
  const wfg = fakeWfg({ '': { viewer: { userName: 'x' } } })
  assert.equal(await wfg`query { viewer { userName } }`, { viewer: { userName: 'x' } })
})

fake('fakeWfg() uses a list in order', async () => {
  const wfg = fakeWfg({ Viewer: [JOHN, { viewer: null }] })
  assert.equal([await wfg(VIEWER), await wfg(VIEWER)], [JOHN, { viewer: null }])
  await rejects(() => wfg(VIEWER), {
    instance: UsageError,
    message: 'The fake did not expect the operation "Viewer": its 2 answers for it are used up.',
  })
  wfg.assertDone()
})

fake('fakeWfg() calls a function with the variables', async () => {
  const wfg = fakeWfg({ User: async ({ id }) => ({ user: { userName: `user-${id}` } }) })
  const answer = await wfg('query User($id: ID) { user(id: $id) { userName } }', { id: 7 })
  assert.equal(answer, { user: { userName: 'user-7' } })
})

fake('fakeWfg() answers a mutation without confirmation', async () => {
  const wfg = fakeWfg({ Delete: { deleteAll: true } })
  assert.equal(await wfg('mutation Delete { deleteAll }'), { deleteAll: true })
})

fake('fakeWfg() throws the GraphQL errors of a whole response', async () => {
  const partial = { data: { viewer: null }, errors: [{ message: 'No viewer', path: ['viewer'] }] }
  const error = (await rejects(fakeWfg({ Viewer: partial })(VIEWER), {
    instance: GraphQLExecutionError,
  })) as GraphQLExecutionError
  assert.equal(error.data, { viewer: null })
  await rejects(fakeWfg({ Viewer: { errors: [{ message: 'No' }] } })(VIEWER), { instance: GraphQLRequestError })
})

fake('fakeWfg() turns an error of a function into a GraphQL error', async () => {
  const wfg = fakeWfg({
    Viewer() {
      throw new Error('No rights')
    },
  })
  await rejects(() => wfg(VIEWER), { message: /No rights/ })
  const { data, errors } = await wfg.execute(VIEWER)
  assert.is(data, null)
  assert.is(errors?.[0]?.message, 'No rights')
})

fake('fakeWfg() throws an error of this package as it is, for tests of unknown outcomes', async () => {
  const lost = new OutcomeUnknownError('nobody knows')
  const document = 'mutation Create($n: Int) { create(n: $n) }'
  const wfg = fakeWfg({
    Create({ n }) {
      if (n === 2) throw lost
      return { create: n }
    },
  })
  assert.is(await rejects(wfg(document, { n: 2 })), lost)
  const outcomes = []
  for await (const { status } of wfg.bulk(document, [{ n: 1 }, { n: 2 }, { n: 3 }])) outcomes.push(status)
  assert.equal(outcomes, ['done', 'unknown', 'done'])
})

fake('fakeWfg() refuses an operation without an answer', async () => {
  const wfg = fakeWfg({ Viewer: JOHN })
  for (const [name, found] of [
    ['Other', '"Other": it has answers for "Viewer".'],
    ['toString', '"toString": it has answers for "Viewer".'],
  ] as const) {
    await rejects(() => wfg(`query ${name} { viewer { id } }`), {
      instance: UsageError,
      message: `The fake did not expect the operation ${found}`,
    })
  }
})

fake('fakeWfg() refuses an answer that lacks what the document selects, in lists and fragments too', async () => {
  const document = `query List { all: users { ...Part roles { name } } }
    fragment Part on User { userName manager { id } }`
  const wfg = fakeWfg({
    List: {
      all: [
        { userName: 'a', manager: null, roles: [] },
        { roles: [{}, null], manager: 'x' },
      ],
    },
  })
  await rejects(() => wfg(document), {
    instance: UsageError,
    message:
      'The fake\'s answer to "List" lacks what the document selects: all.1.userName, all.1.manager, all.1.roles.0.name.',
  })
})

fake('fakeWfg() does not require fields that a directive or the object’s type leaves out', async () => {
  const document = `query Q($all: Boolean!, $deep: Boolean = true) {
    id @include(if: $all) name @skip(if: $deep) ... @include(if: $all) { more }
    found { __typename ... on User { userName } ...Part }
  }
  fragment Part on Request { number }`
  const found = [
    { __typename: 'User', userName: 'ada' },
    { __typename: 'Request', number: 1 },
  ]
  const wfg = fakeWfg({ Q: { found } })
  assert.equal(await wfg(document, { all: false }), { found })
  await rejects(wfg(document, { all: true, deep: false }), { message: /selects: id, name, more\.$/ })
  const other = fakeWfg({ Q: { found: [{ __typename: 'User' }, { userName: 'ada' }] } })
  await rejects(other(document, { all: false }), { message: /selects: found\.0\.userName, found\.1\.number\.$/ })
})

fake('fakeWfg() checks partial data against the document too, and refuses what is not an object', async () => {
  const partial = { data: { viewer: { id: 1 } }, errors: [{ message: 'No' }] }
  await rejects(fakeWfg({ Viewer: partial })(VIEWER), { message: /selects: viewer\.userName\.$/ })
  await rejects(fakeWfg({ Viewer: () => null as never })(VIEWER), {
    instance: UsageError,
    message: 'The fake\'s answer to "Viewer" is not an object; expected data, or a whole response with errors.',
  })
})

fake('fakeWfg() answers the chosen operation of a document with several', async () => {
  const wfg = fakeWfg({ B: { b: 1 } })
  assert.equal(await wfg('query A { a } query B { b }', {}, { operationName: 'B' }), { b: 1 })
})

fake('fakeWfg() shows an upload as a file with its content', async () => {
  const wfg = fakeWfg({
    async Attach({ input, other }) {
      const { upload } = (input as { parameters: { upload: File }[] }).parameters[0]!
      return { attach: `${upload.name} ${upload.type} ${await upload.text()} ${await (other as File).text()}` }
    },
  })
  const document = 'mutation Attach($input: Input, $other: Upload) { attach(input: $input, other: $other) }'
  const upload = new File(['of a file'], 'a.csv', { type: 'text/csv' })
  const input = { parameters: [{ name: 'A', upload }] }
  const answer = await wfg(document, { input, other: new Blob(['of a blob']) })
  assert.equal(answer, { attach: 'a.csv text/csv of a file of a blob' })
  assert.is(input.parameters[0]?.upload, upload)
  const outcomes = []
  for await (const outcome of wfg.bulk(document, [{ input, other: upload }])) outcomes.push(outcome.data)
  assert.equal(outcomes, [{ attach: 'a.csv text/csv of a file of a file' }])
})

fake('fakeWfg() fails a bulk run without an answer for its operation', async () => {
  const outcomes = fakeWfg({}).bulk('mutation Create($n: Int) { create(n: $n) }', [{ n: 1 }, { n: 2 }])
  const all = async () => {
    for await (const { status } of outcomes) assert.is(status, 'unsent')
  }
  await rejects(all, { message: 'The fake did not expect the operation "Create": it has answers for none.' })
})

fake('fakeWfg() reports unused answers', async () => {
  const wfg = fakeWfg({ Viewer: JOHN, Other: {}, List: [JOHN, JOHN] })
  await wfg(VIEWER)
  await rejects(() => wfg.assertDone(), { message: 'The fake has unused answers: "Other", "List".' })
  fakeWfg({}).assertDone()
})

fake('fakeWfg() pages', async () => {
  const pages: Record<number, object> = {
    1: { totalCount: 3, hasNextPage: true, items: [{ id: 1 }, { id: 2 }] },
    2: { totalCount: 3, hasNextPage: false, items: [{ id: 3 }] },
  }
  const wfg = fakeWfg({ All: ({ page }) => ({ requests: pages[page as number]! }) })
  const document = `query All($page: Int, $size: Int) {
    requests(page: { number: $page, size: $size }) { totalCount hasNextPage items { id } }
  }`
  const ids: unknown[] = []
  for await (const { id } of wfg.paginate(document, { size: 2 })) ids.push(id)
  assert.equal(ids, [1, 2, 3])
  assert.equal(
    wfg.calls.map(({ variables }) => variables['page']),
    [1, 2],
  )
})

fake('fakeWfg() applies schemas and guards like a real client', async () => {
  const wfg = fakeWfg({ Viewer: JOHN })
  const schema = v.object({ viewer: v.object({ userName: v.pipe(v.string(), v.toUpperCase()) }) })
  assert.equal(await wfg(VIEWER, {}, { schema }), { viewer: { userName: 'JOHN_SMITH' } })
  await rejects(() => wfg.extend({ access: 'read' })('mutation Delete { deleteAll }'), { code: 'WFG_REFUSED' })
})

// --- with a pulled schema ---

const CREATE = `mutation Create($input: CreateRequestInput!) {
  createRequest(input: $input) { request { id number status } }
}`

fake('fakeWfg() fills in omitted fields by the schema, and returns only selected fields', async () => {
  const wfg = sandboxFake({
    Viewer: { viewer: { userName: 'ada' } },
    All: ({ page }) => ({ requests: { items: [{ number: page }, {}], hasNextPage: page === 1 } }),
  })
  await rejects(wfg('query Viewer { viewer { id name: userName } }'), {
    instance: UsageError,
    message:
      'The fake\'s answer to "Viewer" does not fit the schema of the profile "sandbox": viewer.userName is selected as "name".',
  })
  assert.equal(await wfg('query Viewer { viewer { userName } }'), { viewer: { userName: 'ada' } })
  assert.equal(await wfg('query Viewer { viewer { id } }'), { viewer: { id: '' } })
  const numbers: unknown[] = []
  const All =
    'query All($page: Int, $size: Int) { requests(page: { number: $page, size: $size }) { hasNextPage items { number } } }'
  for await (const { number } of wfg.paginate(All)) numbers.push(number)
  assert.equal(numbers, [1, null, 2, null])
})

fake('fakeWfg() refuses what a server would refuse, and an answer that no server would send', async () => {
  const wfg = sandboxFake({ Q: { users: [] }, Create: {} })
  await rejects(wfg('query Q { usrs { totalCount } }'), {
    instance: GraphQLRequestError,
    message:
      /schema of the profile "sandbox"\. Line 1, column 11: Cannot query field "usrs" on type "Query"\. Did you mean "users"/,
  })
  const { message } = await rejects(wfg`query Q { request(number: ${'a-hidden-value'}) { id } }`, {
    instance: GraphQLRequestError,
  })
  hides(message, 'a-hidden-value')
  await rejects(wfg(CREATE, {}), { message: /\$input \(CreateRequestInput!\) is required, and was not given/ })
  assert.equal(wfg.calls, [])
  await rejects(wfg('query Q { users { totalCount } }'), {
    instance: UsageError,
    message:
      /^The fake's answer to "Q" does not fit .*: users \(UserConnection\) needs a JSON object, and was given a list\.$/,
  })
})

fake('fakeWfg() uses the schema in a bulk run, and for an answer with errors', async () => {
  const failed = (...path: (string | number)[]) => ({ message: 'No', path })
  const wfg = sandboxFake({
    Create: ({ input }) => ({
      createRequest: { request: { number: Number((input as { processName: string }).processName) } },
    }),
    Partial: {
      data: { users: { items: [{ userName: 'ada' }, {}] } },
      errors: [failed('viewer'), failed('users', 'items', 1, 'userName'), failed()],
    },
  })
  const outcomes: unknown[] = []
  const inputs = ['1', 2, '3'].map((processName) => ({ input: { processName } }))
  for await (const { status, data } of wfg.bulk(CREATE, inputs)) outcomes.push(data ?? status)
  const request = (number: number) => ({ createRequest: { request: { id: '', number, status: null } } })
  assert.equal(outcomes, [request(1), 'failed', request(3)])
  await rejects(wfg.bulk('mutation M { creteRequest { request { id } } }', inputs).next(), {
    message: /Did you mean "createRequest"/,
  })
  const partial = await wfg.execute('query Partial { viewer { id } users { totalCount items { id userName } } }')
  assert.equal(partial.data, {
    viewer: null,
    users: {
      totalCount: null,
      items: [
        { id: '', userName: 'ada' },
        { id: '', userName: null },
      ],
    },
  })
  assert.is(wfg.calls.length, 3)
})

fake.run()
