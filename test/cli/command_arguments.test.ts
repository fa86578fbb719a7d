import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandArguments } from '../../runtime/cli/command_arguments.ts'
import { UsageError } from '../../runtime/core/errors.ts'
import { rejects } from '../_assert.ts'

const commandArgs = suite('cli/command_arguments')
const OPTIONS = { json: { type: 'boolean' }, group: { type: 'string' } } as const

commandArgs('commandArguments() returns flags and names', () => {
  const { values, positionals } = commandArguments('list', ['a', '--json', '--group', 'g', '--', '--b'], OPTIONS)
  assert.equal([{ ...values }, positionals], [{ json: true, group: 'g' }, ['a', '--b']])
})

for (const [args, problem] of [
  [['--jsn'], 'unknown flag --jsn; did you mean --json?'],
  [['--nothing-like-it=secret'], 'unknown flag --nothing-like-it.'],
  [['-p'], 'unknown flag -p.'],
  [['--toString'], 'unknown flag --toString.'],
  [['--json=yes'], '--json takes no value.'],
  [['--group'], '--group needs a value.'],
  [['--group='], '--group needs a value.'],
  [['--group', '--json'], '--group needs a value.'],
] as const) {
  commandArgs(`commandArguments() refuses ${args.join(' ')}`, async () => {
    await rejects(() => commandArguments('list', args, OPTIONS), {
      instance: UsageError,
      message: `Cannot run the command list: ${problem} Expected list [--json] [--group G].`,
    })
  })
}

commandArgs.run()
