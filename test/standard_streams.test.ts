import { Writable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WfgError } from '../runtime/errors.ts'
import { createOutput } from '../runtime/standard_streams.ts'
import { rejects } from './_assert.ts'

const streams = suite('standard_streams')

const MESSAGE = 'Cannot write to standard output: ENOSPC. What is there is not all.'

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
    const output = createOutput(failing('ENOSPC', { throws }), 'standard output')
    await rejects(output.write('a'), { instance: WfgError, message: MESSAGE })
    assert.is(output.closed, true)
    await output.write('b')
  })

  streams(`write() takes a reader that has gone for no error, with ${how}`, async () => {
    const output = createOutput(failing('EPIPE', { throws }), 'standard output')
    await output.write('a')
    assert.is(output.closed, true)
  })

  streams(`write() leaves out what standard error cannot take, with ${how}`, async () => {
    const output = createOutput(failing('ENOSPC', { throws }))
    await output.write('a')
    await output.write('b')
  })
}

streams.run()
