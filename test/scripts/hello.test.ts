import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REPOSITORY, runCli } from '../_cli.ts'

const hello = suite('scripts/hello')

hello('it says who it acts as, by name and started directly', async () => {
  const shown = await runCli(['hello'])
  assert.equal([shown.status, shown.stdout], [0, 'john_smith\n'])
  assert.match(shown.stderr, /^Nothing is configured, so this uses the embedded sandbox: [^\n]+\n$/)
  const direct = await runCli(['--profile', 'sandbox'], { entry: join(REPOSITORY, 'scripts/hello.ts') })
  assert.equal(direct, { status: 0, signal: null, stdout: 'john_smith\n', stderr: '' })
})

hello.run()
