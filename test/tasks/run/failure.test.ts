import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError, TransportError, UsageError } from '../../../runtime/core/errors.ts'
import { Interruption } from '../../../runtime/core/interruption.ts'
import { exitCodeOf, renderFailure } from '../../../runtime/tasks/run/failure.ts'

const failure = suite('tasks/failure')

failure('renderFailure() gives the paragraph alone for an error of this package', () => {
  assert.is(renderFailure(new UsageError('Cannot do that.'), 'The task "a"'), 'error: Cannot do that.\n')
})

failure('renderFailure() gives the message of an interruption, and nothing for one without', () => {
  assert.is(renderFailure(new Interruption('Interrupted.', 130), 'The task "a"'), 'Interrupted.\n')
  assert.is(renderFailure(new Interruption('', 1), 'The task "a"'), '')
})

failure('renderFailure() gives the stack of a bug, with its causes', () => {
  const text = renderFailure(new Error('outer', { cause: new TypeError('inner') }), 'The task "a"')
  assert.match(text, /^error: The task "a" failed: Error: outer\n {4}at /)
  assert.match(text, /\nCaused by: TypeError: inner\n {4}at /)
  assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'))
})

failure('renderFailure() gives the errors that an AggregateError holds, a handful at most', () => {
  const many = Array.from({ length: 50 }, (_, index) => new Error(`of mirror ${index}`))
  const text = renderFailure(new Error('outer', { cause: new AggregateError(many, 'All failed') }), 'The task "a"')
  assert.match(text, /\nCaused by: AggregateError: All failed\n/)
  assert.match(text, /\nCaused by: Error: of mirror 0\n/)
  assert.is(text.split('of mirror').length - 1, 10)
})

failure('renderFailure() ends for a cause that leads back to itself', () => {
  const error = new Error('around')
  error.cause = error
  assert.is(renderFailure(error, 'The task').split('around').length, 2)
})

failure('renderFailure() gives the message where the stack lacks it', () => {
  const error = new Error('first')
  error.message = 'changed later'
  assert.match(renderFailure(error, 'The task'), /^error: The task failed: Error: changed later\n/)
})

failure('renderFailure() gives the place that an error without a stack names, as those of Bun do', () => {
  const error = Object.assign(new SyntaxError('Unexpected ;'), { position: { file: '/a.ts', line: 1, column: 11 } })
  delete error.stack
  const expected = 'error: The task failed: SyntaxError: Unexpected ;\n    at /a.ts:1:11\n'
  assert.is(renderFailure(error, 'The task'), expected)
})

failure('renderFailure() leaves out the colours that a runtime put into a stack', () => {
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

failure('exitCodeOf() is that of the error, and 1 for anything else', () => {
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
