import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { findTarget } from '../../../runtime/tasks/run/target.ts'
import { rejects } from '../../_assert.ts'
import { project, temporaryFolder } from '../../_cli.ts'
import { LINKS, NO_LINKS } from '../../_links.ts'
import { notRun } from '../../_not_run.ts'
import { withFolder } from '../../tasks/_folder.ts'
import { here, TOOL_HERE } from '../_here.ts'

const run = suite('cli/run')
const at = (directory: string) => ({ cwd: () => directory, runtime: 'node' as const, program: undefined })

run('findTarget() finds a task by name or alias, even if a file has that name', () =>
  withFolder({ rows: '', 'x.ts': '' }, (folder, url) => {
    const registry = defineTasks(url, { rows: { script: './x.ts', aliases: ['r'] } })
    for (const name of ['rows', 'r'])
      assert.equal(findTarget(at(folder), registry, name), { task: registry.find('rows') })
  }),
)

run('findTarget() finds the task of a registered file, by any path', () =>
  withFolder({ 'scripts/x.ts': '', 'sub/y.ts': '' }, (folder, url) => {
    if (!LINKS.file) return notRun(NO_LINKS)
    const registry = defineTasks(url, { x: { script: './scripts/x.ts' }, lost: { script: './none.ts' } })
    symlinkSync(join(folder, 'scripts/x.ts'), join(folder, 'linked.ts'))
    const task = registry.find('x')
    assert.equal(findTarget(at(folder), registry, 'scripts/x.ts'), { task })
    assert.equal(findTarget(at(join(folder, 'sub')), registry, '../scripts/x.ts'), { task })
    assert.equal(findTarget(at('/'), registry, join(folder, 'linked.ts')), { task })
  }),
)

run('findTarget() finds an unregistered file, relative to the working directory', () =>
  withFolder({ 'sub/y.ts': '' }, (folder, url) => {
    const found = findTarget(at(join(folder, 'sub')), defineTasks(url, {}), 'y.ts')
    assert.match((found as { file: string }).file, /[\\/]sub[\\/]y\.ts$/)
  }),
)

run('findTarget() names the folder that lacks the file', async () => {
  const registry = defineTasks('file:///x/tasks.ts', {})
  for (const name of ['scripts/none.ts', 'none.mjs', './none']) {
    await rejects(() => findTarget(at('/x'), registry, name), {
      code: 'WFG_USAGE',
      message: `Cannot run "${name}": there is no such file in "/x".`,
    })
  }
})

const VIEWER = "import { wfg } from '#wfg'\nconsole.log(typeof wfg, process.argv.slice(2).join(' '))"

const ENTRIES = "mine: { script: './scripts/mine.ts', access: 'read' }"

function office() {
  const made = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, { ${ENTRIES} })
await main(import.meta, tasks)`,
    'scripts/mine.ts': VIEWER,
    'sub/.keep': '',
    'scripts/open-by-person.ts': VIEWER,
  })
  return { ...made, here: (args: readonly string[]) => here(made.dir, args, { entries: ENTRIES }) }
}

run('run() runs a registered file as its task, from any working directory', async () => {
  const { run, cleanup } = office()
  try {
    const expected = { status: 0, signal: null, stdout: 'function a -- --quiet\n', stderr: '' }
    const args = ['a', '--', '--quiet']
    assert.equal(await run(['run', '../scripts/mine.ts', ...args], { cwd: 'sub' }), expected)
    assert.equal(await run(['run', 'mine', ...args], { cwd: 'sub' }), expected)
    assert.equal(await run(['scripts/mine.ts', ...args]), expected)
  } finally {
    cleanup()
  }
})

run('run() says how to register an unregistered script, and how to run it as it is', async () => {
  const { run, here, cleanup } = office()
  try {
    for (const args of [
      ['open-by-person', '--dry-run'],
      ['run', 'open-by-person'],
      ['help', 'open-by-person'],
    ]) {
      assert.equal(await here(args), {
        status: 2,
        signal: null,
        stdout: '',
        stderr:
          'error: Cannot run "open-by-person": no task has that name. The file scripts/open-by-person.ts exists, and tasks.ts does not name it. ' +
          `The line \`'open-by-person': { script: './scripts/open-by-person.ts' },\` there makes it a task; \`${TOOL_HERE} run scripts/open-by-person.ts\` runs it as it is.\n`,
      })
    }
    assert.is((await run(['run', 'scripts/open-by-person.ts'])).status, 0)
  } finally {
    cleanup()
  }
})

run('run() says where a file must be if it is in another package', async () => {
  const { here, cleanup } = office()
  const elsewhere = temporaryFolder()
  try {
    mkdirSync(join(elsewhere, 'a'))
    const path = join(elsewhere, 'a/quick.ts')
    writeFileSync(path, `${VIEWER}\nawait 0`)
    const { status, stdout, stderr } = await here(['run', path, '--quiet'])
    assert.equal([status, stdout], [2, ''])
    assert.ok(
      stderr.endsWith(
        `error: Cannot run ${quotedPath(path)}: the package.json nearest to it lacks the import "#wfg", the package "wfg-scripts", or "type": "module". If it has the package, import "wfg-scripts" in place of "#wfg"; else move the file to where tasks.ts is, for example into scripts/.\n`,
      ),
      stderr,
    )
  } finally {
    cleanup()
    rmSync(elsewhere, { recursive: true })
  }
})

run('run() says what is expected if no task or file, or an unknown one, is given', async () => {
  const { here, cleanup } = office()
  try {
    const answer = async (...args: string[]) => {
      const { status, stdout, stderr } = await here(args)
      assert.equal([status, stdout], [2, ''])
      return stderr
    }
    assert.is(
      await answer('run'),
      'error: Cannot run: no task and no file was given; expected run <task or file> [flags].\n',
    )
    assert.match(
      await answer('min'),
      /^error: Cannot run "min": no task or command has that name; did you mean "mine"\?/,
    )
    assert.match(await answer('run', 'min'), /^error: Cannot run "min": no task .* did you mean "mine"\?/)
    assert.match(await answer('run', 'scripts/x.ts'), /^error: Cannot run "scripts\/x\.ts": there is no such file in /)
    assert.match(
      await answer('run', 'scripts'),
      /^error: Cannot run ".*scripts": there is no such file; expected a script\.\n$/,
    )
  } finally {
    cleanup()
  }
})

run.run()
