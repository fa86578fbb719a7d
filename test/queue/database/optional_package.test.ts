import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../../runtime/core/errors.ts'
import { optionalPackage } from '../../../runtime/queue/database/optional_package.ts'
import { rejects } from '../../_assert.ts'

const optional = suite('optional_package')

optional('loads what is installed', async () => {
  assert.type((await optionalPackage<{ default: { Pool: unknown } }>('pg', 'node')).default.Pool, 'function')
})

for (const [runtime, command] of [
  ['node', '`npm install no-such-package`'],
  ['deno', '`deno add npm:no-such-package`'],
  ['bun', '`bun add no-such-package`'],
] as const) {
  optional(`says how to add what is missing, on ${runtime}`, async () => {
    const error = await rejects(optionalPackage('no-such-package', runtime), { instance: ConfigError })
    assert.match(error.message, `the package "no-such-package" is not installed`)
    assert.match(error.message, command)
  })
}

optional.run()
