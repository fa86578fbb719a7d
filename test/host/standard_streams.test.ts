import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WfgError } from '../../runtime/core/errors.ts'
import { createRedactor } from '../../runtime/core/redact.ts'
import { createOutput } from '../../runtime/host/standard_streams.ts'
import { rejects } from '../_assert.ts'
import { fakeOutput } from '../_host.ts'
import { withFolder } from '../tasks/_folder.ts'

const streams = suite('standard_streams')

const MESSAGE = 'Cannot write to standard output: ENOSPC. The output is incomplete.'
const OPTIONS = { redactor: createRedactor(), inCi: () => false, atExit: () => {} }

function failure(code: string): Error {
  return Object.assign(new Error('the text that could not be written'), { code })
}

/** A stream that fails as Node's does, or that throws as Deno's and then calls nobody back. */
function failing(code: string, { throws }: { throws: boolean }): NodeJS.WriteStream {
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      if (throws) throw failure(code)
      done(failure(code))
    },
  })
  return stream as unknown as NodeJS.WriteStream
}

for (const throws of [false, true]) {
  const how = throws ? 'a stream that throws' : 'a stream that calls back'
  streams(`write() says in a sentence that the disk is full, once, with ${how}`, async () => {
    const output = createOutput(failing('ENOSPC', { throws }), { ...OPTIONS, name: 'standard output' })
    await rejects(output.write('a'), { instance: WfgError, message: MESSAGE })
    assert.is(output.closed, true)
    await output.write('b')
  })

  streams(`write() takes a reader that has gone for no error, with ${how}`, async () => {
    const output = createOutput(failing('EPIPE', { throws }), { ...OPTIONS, name: 'standard output' })
    await output.write('a')
    assert.is(output.closed, true)
  })

  streams(`write() leaves out what standard error cannot take, with ${how}`, async () => {
    const output = createOutput(failing('ENOSPC', { throws }), OPTIONS)
    await output.write('a')
    await output.write('b')
  })
}

const HOSTILE = 'a\u001b[2J\u009b31m\u202eb\rc\u0007\bd\te\r\nf\n'
const SHOWN = 'a\\x1b[2J\\x9b31m\\u202eb\\rc\\x07\\x08d\te\r\nf\n'

for (const [where, options, expected] of [
  ['standard output on a terminal', { isTTY: true, givesData: true }, SHOWN],
  ['standard output elsewhere, as data', { givesData: true }, HOSTILE],
  ['standard error on a terminal', { isTTY: true }, SHOWN],
  ['standard error elsewhere', {}, SHOWN],
] as const) {
  streams(`write() to ${where} gives ${JSON.stringify(expected)}`, async () => {
    const { output, text } = fakeOutput(options)
    await output.write(HOSTILE)
    assert.is(text(), expected)
  })
}

streams('writeAsIs() leaves our own colours', async () => {
  const { output, text } = fakeOutput({ isTTY: true })
  await output.writeAsIs('\u001b[31m×\u001b[39m')
  assert.is(text(), '\u001b[31m×\u001b[39m')
})

streams('write() masks a secret that comes in two texts, and holds nothing else back', async () => {
  const redactor = createRedactor()
  redactor.add('secret-value')
  let end = () => {}
  const { output, text } = fakeOutput({ redactor, atExit: (callback) => (end = callback) })
  await output.write('it is secret')
  assert.is(text(), 'it is ')
  await output.write('-value, 5 of 9 s')
  assert.is(text(), 'it is [redacted], 5 of 9 ')
  await output.writeAsIs('\rsure? ')
  assert.is(text(), 'it is [redacted], 5 of 9 s\rsure? ')
  await output.write('yes')
  await output.write(' sec')
  end()
  assert.is(text(), 'it is [redacted], 5 of 9 s\rsure? yes sec')
})

const COMMANDS: readonly (readonly [texts: readonly string[], written: string])[] = [
  [['::add-mask::x\n'], '\\u003a:add-mask::x\n'],
  [['error: a\n  \t::stop-commands::x\nb'], 'error: a\n  \t\\u003a:stop-commands::x\nb'],
  [['a\r', '::x\n'], 'a\r\\u003a:x\n'],
  [
    ['a ##[add-mask]x ##vso[task.setvariable]y ##teamcity[z\n'],
    'a #\\u0023[add-mask]x #\\u0023vso[task.setvariable]y #\\u0023teamcity[z\n',
  ],
  [['a\n ', ':', ':x\n', ' #', '#', '[x]\n'], 'a\n \\u003a:x\n #\\u0023[x]\n'],
  [['at wfg::run, ::1 and # 1\n', 'a', '::b\n'], 'at wfg::run, ::1 and # 1\na::b\n'],
]
for (const [texts, expected] of COMMANDS) {
  streams(`write() lets nothing in ${JSON.stringify(texts)} be a command to a CI`, async () => {
    for (const givesData of [true, false]) {
      const { output, text } = fakeOutput({ givesData, inCi: () => true })
      for (const each of texts) await output.write(each)
      assert.is(text(), givesData ? expected : expected.replace('a\r', 'a\\r').replace('\\r\\u003a:', '\\r::'))
    }
  })
}

streams('write() leaves commands as they are in a file and outside of a CI', () =>
  withFolder({}, async (folder) => {
    const fd = openSync(join(folder, 'out'), 'w')
    const file = {
      fd,
      write: (chunk: string, done: () => void) => {
        written.push(chunk)
        done()
      },
      on() {},
    }
    const written: string[] = []
    const output = createOutput(file as unknown as NodeJS.WriteStream, {
      ...OPTIONS,
      givesData: true,
      inCi: () => true,
    })
    assert.is(output.isFile, true)
    await output.write('::x ##[y]\n')
    closeSync(fd)
    assert.equal(written, ['::x ##[y]\n'])
    for (const isTTY of [true, false]) {
      const { output, text } = fakeOutput({ isTTY, inCi: () => false })
      await output.write('::x ##[y]\n')
      assert.is(text(), '::x ##[y]\n')
    }
  }),
)

streams('JSON is the same data with a command in it escaped', async () => {
  const { output, text } = fakeOutput({ givesData: true, inCi: () => true })
  const row = { a: '##[x] \\##vso[y] ::z' }
  await output.write(`${JSON.stringify(row)}\n`)
  assert.not.match(text(), /##/)
  assert.equal(JSON.parse(text()), row)
})

streams.run()
