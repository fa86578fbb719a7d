import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  AccessTokenError,
  AuthorizationError,
  ConfigError,
  GraphQLExecutionError,
  GraphQLRequestError,
  isWfgError,
  OutcomeUnknownError,
  RefusedError,
  TransportError,
  UsageError,
  WfgError,
} from '../../runtime/core/errors.ts'

const errors = suite('errors')

const ALL: readonly (readonly [error: WfgError, name: string, code: string, exitCode: number])[] = [
  [new WfgError('m'), 'WfgError', 'WFG_ERROR', 1],
  [new UsageError('m'), 'UsageError', 'WFG_USAGE', 2],
  [new ConfigError('m'), 'ConfigError', 'WFG_CONFIG', 2],
  [new AccessTokenError('m'), 'AccessTokenError', 'WFG_ACCESS_TOKEN', 3],
  [new AuthorizationError('m'), 'AuthorizationError', 'WFG_AUTHORIZATION', 3],
  [new TransportError('m', { code: 'WFG_NETWORK' }), 'TransportError', 'WFG_NETWORK', 4],
  [new TransportError('m', { code: 'WFG_TIMEOUT' }), 'TransportError', 'WFG_TIMEOUT', 4],
  [new TransportError('m', { code: 'WFG_HTTP' }), 'TransportError', 'WFG_HTTP', 4],
  [new GraphQLRequestError('m', { errors: [] }), 'GraphQLRequestError', 'WFG_GRAPHQL_REQUEST', 4],
  [new GraphQLExecutionError('m', { errors: [], data: null }), 'GraphQLExecutionError', 'WFG_GRAPHQL_EXECUTION', 4],
  [new OutcomeUnknownError('m'), 'OutcomeUnknownError', 'WFG_OUTCOME_UNKNOWN', 4],
  [new RefusedError('m'), 'RefusedError', 'WFG_REFUSED', 7],
]

for (const [error, name, code, exitCode] of ALL) {
  errors(`${name} has its name, the code ${code} and the exit code ${exitCode}`, () => {
    assert.equal([error.name, error.code, error.exitCode, error.message], [name, code, exitCode, 'm'])
    assert.is(String(error), `${name}: m`)
    assert.instance(error, WfgError)
    assert.instance(error, Error)
  })
}

errors('WfgError has a cause only when one was given', () => {
  const cause = new Error('first')
  assert.is(new UsageError('m', { cause }).cause, cause)
  assert.not.ok('cause' in new UsageError('m'))
})

errors('isWfgError() knows the errors of another copy of the package', () => {
  const foreign = Object.assign(new Error('m'), { [Symbol.for('wfg.error')]: true })
  assert.ok(isWfgError(foreign))
  for (const [error] of ALL) assert.ok(isWfgError(error), error.name)
})

errors('isWfgError() is false for other errors, and for what is no error', () => {
  for (const value of [new Error('m'), new TypeError('m'), {}, 'WfgError', null, undefined])
    assert.not.ok(isWfgError(value))
})

errors('ConfigError lists its problems', () => {
  const problems = [{ name: 'WFG_CLIENT_ID', problem: 'is not set' }]
  assert.equal(new ConfigError('m', { problems }).problems, problems)
  assert.equal(new ConfigError('m').problems, [])
})

errors('AccessTokenError keeps the response of the token endpoint, and is not permanent by default', () => {
  const details = {
    status: 403,
    oauthError: 'access_denied',
    description: 'no grant',
    retryAfterMs: 5,
    permanent: true,
  }
  const { status, oauthError, description, retryAfterMs, permanent } = new AccessTokenError('m', details)
  assert.equal({ status, oauthError, description, retryAfterMs, permanent }, details)
  assert.is(new AccessTokenError('m').permanent, false)
})

errors('the errors of an operation keep its name, the status and the request id', () => {
  const details = {
    operationName: 'Requests',
    status: 500,
    requestId: 'r1',
    errors: [],
    data: null,
    code: 'WFG_HTTP' as const,
  }
  for (const Class of [
    AuthorizationError,
    TransportError,
    GraphQLRequestError,
    GraphQLExecutionError,
    OutcomeUnknownError,
  ]) {
    const error = new Class('m', details)
    assert.equal([error.operationName, error.status, error.requestId], ['Requests', 500, 'r1'], Class.name)
  }
})

errors('GraphQLExecutionError keeps the partial data out of what is printed', () => {
  const error = new GraphQLExecutionError('m', { errors: [{ message: 'e' }], data: { salary: 4711 } })
  assert.equal(error.data, { salary: 4711 })
  assert.equal(error.errors, [{ message: 'e' }])
  assert.not.ok(Object.keys(error).includes('data'))
  assert.not.match(inspect(error, { depth: 9 }), '4711')
  assert.not.match(JSON.stringify(error), '4711')
})

errors('WfgError knows its next step alone, and shows it nowhere but in its message', () => {
  const error = new AccessTokenError('No token. Do this.', { remedy: 'Do this.' })
  assert.is(error.remedy, 'Do this.')
  assert.is(new UsageError('m').remedy, undefined)
  assert.not.ok(Object.keys(error).includes('remedy'))
  assert.is(inspect(error).split('Do this.').length, 2)
})

errors.run()
