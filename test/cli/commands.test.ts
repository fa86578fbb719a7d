import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commands } from '../../runtime/cli/commands.ts'
import { type CommandName, RESERVED_NAMES, USAGES } from '../../runtime/cli/usages.ts'

const list = suite('cli/commands')

list('every command can be loaded, and its usage begins with its name', async () => {
  for (const [name, { usage, summary }] of Object.entries(USAGES)) {
    assert.match(usage, name === 'version' ? /^--version$/ : new RegExp(`^${name}\\b`))
    assert.match(summary, /^[a-z].*[^.]$/)
    assert.type((await commands[name as CommandName]()).run, 'function')
  }
})

list('no task may have the name of a command', () => {
  for (const name of [...Object.keys(commands), 'doctor', 'token', 'query', 'new', 'init', 'completion', 'worker']) {
    assert.ok(RESERVED_NAMES.includes(name), name)
  }
  assert.is(new Set(RESERVED_NAMES).size, RESERVED_NAMES.length)
})

list.run()
