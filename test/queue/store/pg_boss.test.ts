import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REPOSITORY } from '../../_cli.ts'
import { notRun } from '../../_not_run.ts'
import { RUNTIME } from '../../_runtime.ts'
import { type WithPgBoss12, withPgBoss12 } from './_pg_boss_12.ts'

const FILES = ['database_store', 'workers', 'postgres']
const NEEDS = 'needs Node 24 and npm, and is tested where Node runs the tests'

const pgBoss = suite('pg_boss')
let newer: WithPgBoss12 | undefined

pgBoss.before(async () => {
  // On other runtimes it would be the same again.
  if (RUNTIME === 'node' && !existsSync(join(REPOSITORY, '.is-copy'))) newer = await withPgBoss12()
})

pgBoss.after(() => newer?.cleanup())

pgBoss('the copy has pg-boss 12', async () => {
  if (!newer) return notRun(`pg-boss 12 ${NEEDS}`)
  const source = "console.log(typeof (await import('pg-boss')).PgBoss)"
  const { stdout } = await promisify(execFile)(newer.node, ['--input-type=module', '-e', source], { cwd: newer.folder })
  assert.is(stdout, 'function\n')
})

pgBoss(`pg-boss 12 on Node 24 passes the tests of ${FILES.join(', ')}`, async () => {
  if (!newer) return notRun(`${FILES.join(', ')} on pg-boss 12 ${NEEDS}`)
  const { node, folder } = newer
  const args = [join(folder, 'test', '_run.ts'), '--jobs', '2', ...FILES.map((file) => `/${file}.test.ts`)]
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WFG_|NODE_V8_)/.test(name)))
  const output = await new Promise<string>((resolve) => {
    execFile(node, args, { cwd: folder, env, timeout: 110_000, killSignal: 'SIGKILL' }, (_, stdout, stderr) =>
      resolve(`${stdout}\n${stderr}`),
    )
  })
  assert.match(output, /[1-9]\d* passed, 0 failed/, output)
  for (const file of FILES) assert.match(output, new RegExp(`${file}\\.test\\.ts .*\\((\\d+) / \\1\\)`), output)
})

pgBoss.run()
