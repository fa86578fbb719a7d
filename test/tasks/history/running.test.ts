import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../../runtime/host/host.ts'
import { ownIdentity } from '../../../runtime/host/process_identity.ts'
import type { RunRecord } from '../../../runtime/tasks/history/record.ts'
import { interrupted, isAlive } from '../../../runtime/tasks/history/running.ts'

const running = suite('tasks/history/running')

const host = systemHost()

function recordOf(given: Partial<RunRecord>): RunRecord {
  const run = { v: 1, id: 'aaaa', startedAt: '2026-11-01T02:00:00.000Z', directory: '/d', operations: {} } as const
  return { ...run, outcome: 'running', process: ownIdentity(host), ...given }
}

running('a run is alive while its own process is, on this computer', async () => {
  assert.is(isAlive(host, recordOf({})), true)
  assert.is(isAlive(host, recordOf({ process: { ...ownIdentity(host), host: 'elsewhere' } })), false)
  assert.is(isAlive(host, recordOf({ process: undefined })), false)
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  assert.is(isAlive(host, recordOf({ process: { ...ownIdentity(host), pid: child.pid! } })), false)
})

running('a later process with the same pid is another one, if the system tells its start', () => {
  const own = ownIdentity(host)
  assert.is(own.start !== undefined, process.platform === 'linux')
  assert.is(isAlive(host, recordOf({ process: { ...own, start: '1' } })), own.start === undefined)
  assert.is(isAlive(host, recordOf({ process: { ...own, start: undefined } })), true)
  assert.is(isAlive(host, recordOf({ process: { ...own, boot: 'earlier' } })), own.boot === undefined)
})

running('a run whose process is gone is interrupted, and has no exit code', () => {
  const { outcome, exitCode, error } = interrupted(recordOf({}))
  assert.equal([outcome, exitCode], ['interrupted', undefined])
  assert.match(error!.message, 'it was killed, or the computer stopped')
})

running.run()
