import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REPOSITORY } from '../../_cli.ts'
import { notRun } from '../../_not_run.ts'
import { RUNTIME } from '../../_runtime.ts'
import { type WithPgBoss12, withPgBoss12 } from './_pg_boss_12.ts'

/** All that the engine does is done in these. */
const FILES = ['database_store', 'postgres']
const NEEDS = 'needs Node 24 and npm, and is tested where Node runs the tests'

const pgBoss = suite('pg_boss')
let newer: WithPgBoss12 | undefined

pgBoss.before(async () => {
  // On other runtimes it would be the same again.
  if (RUNTIME === 'node') newer = await withPgBoss12()
})

function options({ env }: WithPgBoss12) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(WFG_|NODE_V8_)/.test(name))
  return { cwd: REPOSITORY, env: { ...Object.fromEntries(kept), ...env } }
}

pgBoss('Node 24 takes pg-boss 12 for the engine', async () => {
  if (!newer) return notRun(`pg-boss 12 ${NEEDS}`)
  const source = "console.log(typeof (await import('pg-boss')).PgBoss)"
  const { stdout } = await promisify(execFile)(newer.node, ['--input-type=module', '-e', source], options(newer))
  assert.is(stdout, 'function\n')
})

pgBoss(`pg-boss 12 on Node 24 passes the tests of ${FILES.join(' and ')}`, async () => {
  if (!newer) return notRun(`${FILES.join(' and ')} on pg-boss 12 ${NEEDS}`)
  const { node } = newer
  const args = [join('test', '_run.ts'), '--jobs', '1', ...FILES.map((file) => `/${file}.test.ts`)]
  const limits = { timeout: 110_000, killSignal: 'SIGKILL' } as const
  const output = await new Promise<string>((resolve) => {
    execFile(node, args, { ...options(newer!), ...limits }, (_, stdout, stderr) => resolve(`${stdout}\n${stderr}`))
  })
  assert.match(output, /[1-9]\d* passed, 0 failed/, output)
  for (const file of FILES) assert.match(output, new RegExp(`${file}\\.test\\.ts .*\\((\\d+) / \\1\\)`), output)
})

pgBoss.run()
