import { spawn } from 'node:child_process'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { processStart } from '../../../../runtime/cli/queue/store/process_start.ts'
import { notRun } from '../../../_not_run.ts'

const start = suite('process_start')
const platform = process.platform

start('the same for one process, different for another, and nothing for none', async () => {
  if (platform !== 'linux') return notRun('the start of a process is only read on Linux')
  const own = processStart({ platform }, process.pid)
  assert.type(own, 'string')
  assert.is(processStart({ platform }, process.pid), own)
  const child = spawn('sleep', ['30'])
  const ended = new Promise((resolve) => child.on('close', resolve))
  const other = processStart({ platform }, child.pid!)
  child.kill('SIGKILL')
  await ended
  assert.type(other, 'string')
  assert.is.not(other, own)
  assert.is(processStart({ platform }, child.pid!), undefined)
})

start('unknown on other systems', () => {
  assert.is(processStart({ platform: 'win32' }, process.pid), undefined)
})

start.run()
