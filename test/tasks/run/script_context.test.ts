import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../runtime/core/errors.ts'
import { createRedactor } from '../../../runtime/core/redact.ts'
import type { Input } from '../../../runtime/host/host.ts'
import { ask, confirm, createLog } from '../../../runtime/tasks/run/script_context.ts'
import { rejects } from '../../_assert.ts'
import { fakeHost, fakeOutput } from '../../_host.ts'

const context = suite('tasks/script_context')

function terminal(answer: string | undefined, isTTY = true) {
  const redactor = createRedactor()
  const { output, text } = fakeOutput({ isTTY, columns: 80, redactor })
  const stdin: Input = { isTTY, readLine: async () => answer, readAll: async () => '' }
  return { host: fakeHost({ stdin, stderr: output, redactor }), shown: text }
}

context('log() and its kinds write lines to standard error, debug with --verbose only', () => {
  const { host, shown } = terminal(undefined)
  const log = createLog(host, {})
  log('one')
  log.warn('two')
  log.debug('three')
  createLog(host, { verbose: true }).debug('four')
  assert.is(shown(), 'one\nwarning: two\nfour\n')
})

context('log() says nothing with --quiet', () => {
  const { host, shown } = terminal(undefined)
  const log = createLog(host, { quiet: true })
  log('one')
  log.warn('two')
  assert.is(shown(), '')
})

context('log() masks secrets', () => {
  const { host, shown } = terminal(undefined)
  host.redactor.add('hunter2-hunter2')
  createLog(host, {})('it is hunter2-hunter2')
  assert.is(shown(), 'it is [redacted]\n')
})

context('confirm() is true with --yes, without a question', async () => {
  const { host, shown } = terminal('n')
  assert.is(await confirm(host, { yes: true }, 'Delete it?'), true)
  assert.is(shown(), '')
})

for (const [where, host] of [
  ['there is no terminal', terminal('y', false).host],
  ['the input has ended', terminal(undefined).host],
] as const) {
  context(`confirm() refuses when ${where}`, async () => {
    await rejects(() => confirm(host, {}, 'Delete it?'), {
      instance: RefusedError,
      message: 'Refused to go on: nobody is there to answer "Delete it?". Run it with --yes to answer yes.',
    })
  })
}

context('ask() returns the line without the space around it', async () => {
  assert.is(await ask(terminal(' prod \r').host, 'Which? '), 'prod')
})

for (const [answer, expected] of [
  ['y', true],
  ['Yes', true],
  [' y ', true],
  ['', false],
  ['n', false],
  ['yep', false],
] as const) {
  context(`confirm() is ${expected} when a person types ${JSON.stringify(answer)}`, async () => {
    const { host, shown } = terminal(answer)
    assert.is(await confirm(host, {}, 'Delete it?'), expected)
    assert.is(shown(), 'Delete it? [y/N] ')
  })
}

context.run()
