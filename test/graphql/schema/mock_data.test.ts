import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Variables } from '../../../runtime/graphql/client/options.ts'
import { mockData } from '../../../runtime/graphql/schema/mock_data.ts'
import { hides } from '../../_assert.ts'
import { asked, SCHEMA } from '../_schema.ts'

const answer = suite('graphql/schema/mock_data')

function answered(document: string, given?: object, variables: Variables = {}) {
  return mockData(SCHEMA, asked(document).operation, variables, given)
}

function problemsOf(document: string, given: object): readonly string[] {
  return answered(document, given).problems
}

answer('mockData() fills lists with one item, leaves with null, and non-null leaves with a simple value', () => {
  const { data, problems } = answered(`mutation {
    made: create(input: { name: "a" }) {
      request { id name number state urgent openedAt closedAt price rate grid requester { userName } ...More }
      tags labels
    }
  }
  fragment More on Named { ... on Request { requester { id } } }`)
  assert.equal(problems, [])
  assert.equal(data, {
    made: {
      request: {
        id: '',
        name: null,
        number: 0,
        state: 'OPEN',
        urgent: false,
        openedAt: '1970-01-01T00:00:00.000Z',
        closedAt: null,
        price: 0,
        rate: null,
        grid: [[0]],
        requester: { userName: '', id: '' },
      },
      tags: [null],
      labels: [''],
    },
  })
})

answer('mockData() chooses the type with the most selected fields, and says which', () => {
  const owners = (selection: string) =>
    (answered(`mutation { create(input: { name: "a" }) { owners { ${selection} } } }`).data['create'] as Variables)[
      'owners'
    ]
  assert.equal(owners('__typename'), [{ __typename: 'User' }])
  assert.equal(owners('kind: __typename ... on Group { members { id } }'), [{ kind: 'Group', members: [{ id: '' }] }])
  assert.equal(owners('... on Group { name } ... on User { id }'), [{ id: '' }])
  assert.equal(owners('... on Named { name }'), [{ name: null }])
  assert.equal(owners('... on User @skip(if: true) { id } ... on Group { name }'), [{ name: null }])
  const { data } = answered('{ found { __typename name ... on Group { members { userName } } } }')
  assert.equal(data, { found: [{ __typename: 'Group', name: null, members: [{ userName: '' }] }] })
})

answer('mockData() follows @skip and @include', () => {
  const document = `query Q($all: Boolean = false, $no: Boolean!) {
    viewer { id name @include(if: $all) userName @skip(if: $no) ... @include(if: $no) { name } }
  }`
  assert.equal(answered(document, undefined, { no: false }).data, { viewer: { id: '', userName: '' } })
  assert.equal(answered(document, undefined, { no: true, all: true }).data, { viewer: { id: '', name: null } })
})

answer('mockData() takes the selected part of the given data, and fills in the rest', () => {
  const document =
    'query Q { request(number: 1) { number openedAt owner { __typename ... on User { id userName } ... on Group { name } } } }'
  const openedAt = new Date('2026-01-02T03:04:05Z')
  const one = answered(document, { request: { number: 7, openedAt, name: 'not selected', owner: { userName: 'ada' } } })
  assert.equal(one, {
    problems: [],
    data: {
      request: {
        number: 7,
        openedAt: '2026-01-02T03:04:05.000Z',
        owner: { __typename: 'User', id: '', userName: 'ada' },
      },
    },
  })
  const owner = (given: unknown) =>
    (answered(document, { request: { owner: given } }).data['request'] as Variables)['owner']
  assert.equal(owner({ name: 'staff' }), { __typename: 'Group', name: 'staff' })
  assert.equal(owner({ __typename: 'Group' }), { __typename: 'Group', name: null })
  assert.equal(owner(null), null)
  assert.equal(answered('{ found { name } }', { found: [] }), { data: { found: [] }, problems: [] })
})

answer('mockData() reports the paths of data that a server could not send, without values', () => {
  const document = `query Q { request(number: 1) {
    id number state urgent openedAt rate requester { id } owner { ... on User { id } } grid title: name
  } }`
  const problems = problemsOf(document, {
    request: {
      id: 7,
      number: 'hidden-1',
      state: 'hidden-2',
      urgent: 1,
      openedAt: 'hidden-3',
      rate: '1.5',
      requester: null,
      owner: [{}],
      grid: [[1, null], 'hidden-4'],
      name: 'hidden-5',
      numbr: 'hidden-6',
    },
  })
  hides(problems.join(), 'hidden')
  const openedAt = problems.find((each) => each.includes('openedAt'))!
  assert.match(openedAt, /^request\.openedAt \(DateTime!\) needs .*, and was given a text$/)
  assert.equal(
    problems.filter((each) => each !== openedAt),
    [
      'request.name is selected as "title"',
      'request.numbr is not a field of Request; did you mean "number"?',
      'request.id (ID!) needs a text, and was given a whole number',
      'request.number (Int!) needs a whole number from -2147483648 to 2147483647, and was given a text',
      'request.state (State!) needs one of OPEN, CLOSED, and was given a text',
      'request.urgent (Boolean!) needs true or false, and was given a whole number',
      'request.rate (Float) needs a number, and was given a text',
      'request.requester (User!) must not be null',
      'request.owner (Owner) needs a JSON object, and was given a list',
      'request.grid.0.1 (Int!) must not be null',
      'request.grid.1 ([Int!]!) needs a list, and was given a text',
    ],
  )
  assert.equal(problemsOf('{ found { name } }', { found: { name: 'a' } }), [
    'found ([Named!]!) needs a list, and was given an object',
  ])
  assert.equal(problemsOf('{ found { name } }', { found: [{ __typename: 'State' }] }), [
    'found.0 (Named) needs a type that is one: Request, User, Group',
  ])
  assert.equal(problemsOf('{ viewer { __typename } }', { viewer: { __typename: 'Group' } }), [
    'viewer.__typename needs to be User',
  ])
})

answer('mockData() answers __schema and __typename', () => {
  const { data, problems } = answered('{ __typename __schema { queryType { name } } __type(name: "User") { kind } }')
  assert.equal([problems, data['__typename']], [[], 'Query'])
  assert.equal(Object.keys(data), ['__typename', '__schema', '__type'])
})

answer.run()
