import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { showHelp } from '../../../runtime/tasks/arguments/script_help.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { rejects } from '../../_assert.ts'
import { fakeHost } from '../../_host.ts'
import { withFolder } from '../_folder.ts'

const scriptHelp = suite('tasks/script_help')
const DEFINE = new URL('../../../runtime/script/define.ts', import.meta.url).href

function consoleHost() {
  let redirected = 0
  const host = fakeHost({
    runtime: 'node',
    program: undefined,
    redirectConsole() {
      redirected++
      return () => redirected--
    },
  })
  return { host, redirected: () => redirected }
}

scriptHelp('showHelp() imports a defineScript file, whose console does not write to standard output', () =>
  withFolder(
    {
      'package.json': '{"type":"module"}',
      'x.ts': `/** What it does. */
import { defineScript } from '${DEFINE}'
export default defineScript({ examples: ['--never'], run() {} })`,
    },
    async (folder) => {
      const { host, redirected } = consoleHost()
      await showHelp(host, { task: undefined, name: 'run x.ts', file: join(folder, 'x.ts') })
      assert.match(
        host.out,
        /^What it does\.\n\nUsage\n {2}npx tsx tasks\.ts run x\.ts\n\nExample\n {2}npx tsx tasks\.ts run x\.ts --never\n\nCan write\./,
      )
      assert.is(redirected(), 0)
    },
  ),
)

scriptHelp('showHelp() does not import a plain file', () =>
  withFolder({ 'x.ts': "// Would throw.\nthrow new Error('it ran')" }, async (folder) => {
    const { host } = consoleHost()
    await showHelp(host, { task: undefined, command: 'npx tsx x.ts', name: '', file: join(folder, 'x.ts') })
    assert.match(host.out, /^Would throw\.\n\nUsage\n {2}npx tsx x\.ts\n/)
  }),
)

scriptHelp('showHelp() prefers the entry in tasks.ts', () =>
  withFolder({ 'x.ts': '// Of the file.\n//\n// It may be run twice.\nconsole.log(1)' }, async (folder, url) => {
    const registry = defineTasks(url, {
      x: { script: './x.ts', access: 'read', description: 'Of the entry.' },
      all: { needs: ['x'] },
    })
    const { host } = consoleHost()
    await showHelp(host, { task: registry.find('x'), name: 'x', file: join(folder, 'x.ts') })
    await showHelp(host, { task: registry.find('all'), name: 'all', file: undefined })
    assert.match(
      host.out,
      /^Of the entry\.\n\nIt may be run twice\.\n\nUsage\n {2}npx tsx tasks\.ts x\n[\s\S]*Only reads/,
    )
    assert.match(host.out, /npx tsx tasks\.ts all\n[\s\S]*Only reads: it cannot send a mutation\. Runs x first\./)
  }),
)

scriptHelp('showHelp() rejects for a file that is no script', () =>
  withFolder({ 'x.ts': '' }, async (folder) => {
    const { host } = consoleHost()
    await rejects(() => showHelp(host, { task: undefined, name: 'x', file: join(folder, 'x.ts') }), {
      code: 'WFG_USAGE',
    })
    assert.is(host.out, '')
  }),
)

scriptHelp.run()
