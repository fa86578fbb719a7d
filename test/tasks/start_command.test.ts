import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startCommand } from '../../runtime/tasks/start_command.ts'

const start = suite('tasks/start_command')

for (const [runtime, expected] of [
  ['node', 'npx tsx tasks.ts'],
  ['deno', 'deno run -A tasks.ts'],
  ['bun', 'bun run tasks.ts'],
] as const) {
  start(`startCommand() is ${expected} on ${runtime}`, () => {
    assert.is(startCommand({ runtime }), expected)
    assert.is(startCommand({ runtime }, 'scripts/x.ts'), expected.replace('tasks.ts', 'scripts/x.ts'))
  })
}

start.run()
