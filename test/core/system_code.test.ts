import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemCode } from '../../runtime/core/system_code.ts'

const code = suite('system_code')

code('systemCode() is the code of the system', () => {
  try {
    readFileSync('no-such-file')
    assert.unreachable()
  } catch (error) {
    assert.is(systemCode(error), 'ENOENT')
  }
})

code('systemCode() is the code of the first attempt when a host has several addresses', () => {
  const attempt = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  assert.is(systemCode(new AggregateError([attempt])), 'ECONNREFUSED')
})

code('systemCode() is the name of an error of Deno without a code', () => {
  assert.is(systemCode(Object.assign(new Error('Requires read access'), { name: 'NotCapable' })), 'NotCapable')
})

code.run()
