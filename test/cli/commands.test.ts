import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commands, RESERVED_NAMES } from '../../runtime/cli/commands.ts'

const list = suite('cli/commands')

list('every command can be loaded, and its usage begins with its name', async () => {
  for (const [name, { usage, summary, load }] of Object.entries(commands)) {
    assert.match(usage, name === 'version' ? /^--version$/ : new RegExp(`^${name}\\b`))
    assert.match(summary, /^[a-z].*[^.]$/)
    assert.type((await load()).run, 'function')
  }
})

list('no task may have the name of a command, of today or to come', () => {
  for (const name of [...Object.keys(commands), 'doctor', 'token', 'query', 'new', 'init', 'completion', 'worker']) {
    assert.ok(RESERVED_NAMES.includes(name), name)
  }
  assert.is(new Set(RESERVED_NAMES).size, RESERVED_NAMES.length)
})

list.run()
