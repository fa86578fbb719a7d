import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../runtime/errors.ts'
import type { Input, Output } from '../../runtime/host.ts'
import { ask, confirm, createLog, createProgress } from '../../runtime/tasks/context.ts'
import { rejects } from '../_assert.ts'
import { fakeHost } from '../_host.ts'

const context = suite('tasks/context')

function terminal(answer: string | undefined, isTTY = true) {
  let shown = ''
  const stderr: Output = {
    isTTY,
    columns: isTTY ? 80 : undefined,
    closed: false,
    async write(text) {
      shown += text
    },
  }
  const stdin: Input = { isTTY, readLine: async () => answer, readAll: async () => '' }
  return { host: fakeHost({ stdin, stderr }), shown: () => shown }
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

context('progress() redraws one line on a terminal, at most ten times a second, and ends it', async () => {
  const { host, shown } = terminal(undefined)
  const progress = createProgress(host, {})
  progress.show(1, 10)
  await host.advance(100)
  progress.show(2, 10)
  progress.show(3, 10)
  progress.show(10, 10)
  progress.end()
  assert.is(shown(), '\r\u001b[K2 of 10\r\u001b[K10 of 10\n')
})

context('progress() is a line a minute where nobody watches', async () => {
  const { host, shown } = terminal(undefined, false)
  const progress = createProgress(host, {})
  for (let done = 1; done <= 180; done++) {
    await host.advance(1000)
    progress.show(done)
  }
  progress.end()
  assert.is(shown(), '60\n120\n180\n')
})

context('progress() says nothing with --quiet', async () => {
  const { host, shown } = terminal(undefined)
  const progress = createProgress(host, { quiet: true })
  await host.advance(1000)
  progress.show(1, 1)
  progress.end()
  assert.is(shown(), '')
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

context('confirm() is true with --yes, and asks nobody', async () => {
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

context('ask() gives the line without the space around it', async () => {
  assert.is(await ask(terminal(' prod \r').host, 'Which? '), 'prod')
})

context.run()
