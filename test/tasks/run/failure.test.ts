import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError, TransportError, UsageError } from '../../../runtime/core/errors.ts'
import { Interruption } from '../../../runtime/core/interruption.ts'
import { exitCodeOf, renderFailure } from '../../../runtime/tasks/run/failure.ts'

const failure = suite('tasks/failure')

failure('renderFailure() returns one paragraph for an error of this package', () => {
  assert.is(renderFailure(new UsageError('Cannot do that.'), 'The task "a"'), 'error: Cannot do that.\n')
})

failure('renderFailure() returns the message of an interruption, which may be empty', () => {
  assert.is(renderFailure(new Interruption('Interrupted.', 130), 'The task "a"'), 'Interrupted.\n')
  assert.is(renderFailure(new Interruption('', 1), 'The task "a"'), '')
})

failure('renderFailure() returns the stack of a bug, with its causes', () => {
  const text = renderFailure(new Error('outer', { cause: new TypeError('inner') }), 'The task "a"')
  assert.match(text, /^error: The task "a" failed: Error: outer\n {4}at /)
  assert.match(text, /\nCaused by: TypeError: inner\n {4}at /)
  assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'))
})

failure('renderFailure() shows at most ten errors of an AggregateError', () => {
  const many = Array.from({ length: 50 }, (_, index) => new Error(`of mirror ${index}`))
  const text = renderFailure(new Error('outer', { cause: new AggregateError(many, 'All failed') }), 'The task "a"')
  assert.match(text, /\nCaused by: AggregateError: All failed\n/)
  assert.match(text, /\nCaused by: Error: of mirror 0\n/)
  assert.is(text.split('of mirror').length - 1, 10)
})

failure('renderFailure() ends for a circle of causes', () => {
  const error = new Error('around')
  error.cause = error
  assert.is(renderFailure(error, 'The task').split('around').length, 2)
})

failure('renderFailure() adds the message if the stack lacks it', () => {
  const error = new Error('first')
  error.message = 'changed later'
  assert.match(renderFailure(error, 'The task'), /^error: The task failed: Error: changed later\n/)
})

failure('renderFailure() shows the position of an error without a stack, as in Bun', () => {
  const error = Object.assign(new SyntaxError('Unexpected ;'), { position: { file: '/a.ts', line: 1, column: 11 } })
  delete error.stack
  const expected = 'error: The task failed: SyntaxError: Unexpected ;\n    at /a.ts:1:11\n'
  assert.is(renderFailure(error, 'The task'), expected)
})

failure('renderFailure() removes colours from a stack', () => {
  const error = new Error('x')
  error.stack = 'Error: x\n    at \u001b[36mfile:///a.ts\u001b[0m:1'
  assert.is(renderFailure(error, 'The task'), 'error: The task failed: Error: x\n    at file:///a.ts:1\n')
})

for (const [thrown, words] of [
  ['just text', 'the text "just text"'],
  [undefined, 'undefined'],
  [null, 'null'],
  [42, 'a value of type number'],
  [{ secret: 1 }, 'a value of type object'],
] as const) {
  failure(`renderFailure() says what was thrown when it is ${words}`, () => {
    const expected = `error: The task "a" failed: it threw ${words}, which is no Error and has no stack.\n`
    assert.is(renderFailure(thrown, 'The task "a"'), expected)
  })
}

failure('exitCodeOf() is the exit code of the error, or 1', () => {
  const errors = [
    new UsageError(''),
    new RefusedError(''),
    new TransportError('', { code: 'WFG_NETWORK' }),
    new Interruption('', 124),
    new Error(''),
    undefined,
  ]
  assert.equal(errors.map(exitCodeOf), [2, 7, 4, 124, 1, 1])
})

failure.run()
