import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { noteMask, withTypedValues } from '../../runtime/core/typed_values.ts'
import { project, REPOSITORY } from '../_cli.ts'
import { notRun } from '../_not_run.ts'
import { withServer } from '../_server.ts'
import { settingsFor, TOKEN } from '../cli/_configured.ts'
import { HAS_TERMINAL, NO_TERMINAL, onTerminal } from '../cli/_terminal.ts'
import { withFolder } from '../tasks/_folder.ts'

const typed = suite('typed_values')

typed('withTypedValues() shows what was typed, and nothing else', () => {
  noteMask('[value of a]', 'NOSUCH')
  noteMask('[value of b]', 'from-the-server')
  noteMask('[value of c]', 'one')
  noteMask('[value of c]', 'two')
  noteMask('[value of d]', 'say "x"')
  noteMask('[value of e]', "$&$'")
  const text = '[value of a] [value of b] [value of c] [value of d] [value of e] [value of f]'
  assert.is(
    withTypedValues(text, ['task', '--a=NOSUCH', 'one', 'two', 'say "x"', "$&$'"]),
    "NOSUCH [value of b] [value of c] [value of d] $&$' [value of f]",
  )
  assert.is(withTypedValues('[value of a]', ['task']), '[value of a]')
})

typed('a process that was mistyped is shown at the terminal, and hidden in a pipe, a CI and the history', () =>
  withFolder({ 'requests.csv': 'SUBJECT:text\nx\n' }, async (folder) => {
    if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
    const args = ['start-requests', join(folder, 'requests.csv'), '--process', 'NOSUCH', '--profile', 'sandbox']
    const journal = (name: string) => ['--journal', join(folder, name)]
    const shown = await onTerminal(REPOSITORY, [...args, ...journal('1')], { columns: 120 })
    assert.match(shown.screen, /Process "NOSUCH" not found/)
    const inCi = await onTerminal(REPOSITORY, [...args, ...journal('2')], { columns: 120, env: { CI: 'true' } })
    assert.match(inCi.screen, /Process "\[value of process\]" not found/)
    assert.not.match(inCi.screen, 'NOSUCH"')
  }),
)

typed('a value of the query that fails is shown at the terminal, but not in a pipe or the history', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, run, cleanup } = project({
    'tasks.ts':
      "import { defineTasks, main } from '#wfg/tasks'\nexport const tasks = defineTasks(import.meta.url, {})\nawait main(import.meta, tasks)\n",
  })
  const refused = { body: { errors: [{ message: 'no pr1vate here, nor s3cret' }], data: null } }
  const query = ['query', 'query Q($name: String) { a(name: $name) }', '-v', 'name=pr1vate']
  try {
    await withServer([TOKEN, refused, TOKEN, refused], async (server) => {
      const env = { ...settingsFor(server), WFG_CACHE_DIR: join(dir, 'cache'), WFG_TOKEN_CACHE: 'memory' }
      assert.match((await run(query, { env })).stderr, 'no [value of name] here')
      assert.match((await onTerminal(dir, query, { env, columns: 120 })).screen, 'no pr1vate here')
      const { stdout } = await run(['runs', '--format', 'json'], { env })
      assert.not.match(stdout, 'pr1vate')
    })
  } finally {
    cleanup()
  }
})

typed.run()
