import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../../runtime/host/host.ts'
import { runCommand } from '../../../runtime/queue/run/run_command.ts'
import { REPOSITORY } from '../../_cli.ts'

const command = suite('queue/run/run_command')

const TASKS = join(REPOSITORY, 'tasks.ts')
const LAUNCHER = join(REPOSITORY, 'runtime', 'cli', 'wfg.mjs')
/** As `npx tsx` and `node --import tsx` have it. */
const BY_TSX = ['node', '--require', '/x/tsx/dist/preflight.cjs', '--import', 'file:///x/tsx/dist/loader.mjs']
const BY_NODE = ['node', '--max-old-space-size=99', '--import', 'tsx', '--import', './mine.mjs']

function commandOf(restart: string[] | undefined, given: Partial<Host> = {}): string[] | undefined {
  const host = {
    cwd: () => REPOSITORY,
    knowsMain: false,
    restartCommand: () => restart,
    runtime: 'node',
    ...given,
  } as const
  return runCommand(host, REPOSITORY)
}

command('a worker that tsx has started starts its runs by the launcher, with the other flags', () => {
  assert.equal(commandOf([...BY_TSX, TASKS]), ['node', LAUNCHER])
  assert.equal(commandOf([...BY_NODE, TASKS]), ['node', '--max-old-space-size=99', '--import', './mine.mjs', LAUNCHER])
  assert.equal(commandOf(['node', '--import=tsx', TASKS]), ['node', LAUNCHER])
  assert.equal(commandOf(['node', LAUNCHER]), ['node', LAUNCHER])
})

command('it starts them as it was started itself where the launcher would do something else', () => {
  const own = [...BY_TSX, TASKS]
  assert.equal(commandOf(own, { cwd: () => join(REPOSITORY, 'scripts') }), own)
  assert.equal(commandOf(own, { knowsMain: true }), own)
  assert.equal(commandOf(['deno', 'run', TASKS], { runtime: 'deno' }), ['deno', 'run', TASKS])
  assert.is(commandOf(undefined), undefined)
})

command.run()
