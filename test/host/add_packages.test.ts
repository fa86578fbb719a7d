import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addPackages } from '../../runtime/host/add_packages.ts'
import { MissingPackages } from '../../runtime/host/optional_packages.ts'
import { rejects } from '../_assert.ts'
import { type FakeHostOptions, fakeHost, fakeOutput } from '../_host.ts'

const adding = suite('host/add_packages')

const installation = { kind: 'folder', manager: 'node', directory: '/team' } as const
const missing = new MissingPackages('csv', 'csv-parse', installation)

/** The fake host has no keyboard and starts no process, so a question would fail. */
const refused = (error: unknown, given: FakeHostOptions = {}) =>
  rejects(
    addPackages(fakeHost({ runtime: 'node', ...given }), error, {
      signal: new AbortController().signal,
      noColor: true,
    }),
  )

const terminal = { stdin: { isTTY: true } as never, stderr: fakeOutput({ isTTY: true }).output }

adding('without a terminal, or in a CI, nobody is asked', async () => {
  assert.is(await refused(missing, { stdin: { isTTY: false } as never }), missing)
  assert.is(await refused(missing, { ...terminal, env: { CI: 'true' } }), missing)
  assert.match(missing.message, 'Add what it needs with `npm install csv-parse@7`.')
})

adding('a script that runs already is not started again: the error says what to add', async () => {
  const raw = Object.assign(new Error("Cannot find package 'chart.js' imported from /team/x.ts"), {
    code: 'ERR_MODULE_NOT_FOUND',
  })
  const error = await refused(raw, terminal)
  assert.instance(error, MissingPackages)
  assert.match((error as Error).message, /^Cannot draw charts: the package "chart\.js" is not installed\. Add what it/)
  const other = new Error('Cannot find it')
  assert.is(await refused(other, terminal), other)
})

adding.run()
