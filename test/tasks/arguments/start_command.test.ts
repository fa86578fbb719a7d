import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startCommand } from '../../../runtime/tasks/arguments/start_command.ts'

const start = suite('tasks/start_command')

for (const [runtime, expected] of [
  ['node', 'npx tsx tasks.ts'],
  ['deno', 'deno run -A tasks.ts'],
  ['bun', 'bun run tasks.ts'],
] as const) {
  start(`startCommand() is ${expected} on ${runtime}`, () => {
    const program = '/x/tasks.ts'
    assert.is(startCommand({ runtime, program }), expected)
    assert.is(startCommand({ runtime, program }, 'scripts/x.ts'), expected.replace('tasks.ts', 'scripts/x.ts'))
  })
}

start('startCommand() is the launcher if that was started', () => {
  assert.is(startCommand({ runtime: 'node', program: '/x/runtime/cli/wfg.mjs' }), 'npx wfg')
})

start.run()
