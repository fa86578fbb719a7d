import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemCode, systemReason } from '../../runtime/core/system_code.ts'

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

code('systemReason() says what may be wrong with a file of Windows', () => {
  const reason = (code: string) => systemReason(Object.assign(new Error(), { code }))
  assert.is(reason('EBUSY'), 'EBUSY: another program has it open')
  assert.match(reason('EPERM'), 'or another program has it open')
  assert.is(reason('ENOENT'), 'ENOENT')
})

code.run()
