import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from '../../_cli.ts'

const list = suite('cli/list')

function office() {
  return project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  boom: { script: './scripts/boom.ts', access: 'read', group: 'actions', aliases: ['bang'] },
  nightly: { description: 'What runs every night', needs: ['boom'] },
  _hidden: { script: './scripts/boom.ts' },
})
await main(import.meta, tasks)`,
    'scripts/boom.ts': `/**
 * Throws, and writes a file.
 *
 * More about it.
 */
import { writeFileSync } from 'node:fs'
writeFileSync('ran', 'x')
throw new Error('it was imported')`,
    'scripts/forgotten.ts': '// Named nowhere.\nconsole.log(1)',
  })
}

list('run() lists tasks without importing them', async () => {
  const { dir, run, cleanup } = office()
  try {
    const shown = await run([])
    assert.equal(shown, await run(['list']))
    assert.equal([shown.status, shown.stderr], [0, ''])
    assert.match(shown.stdout, /^ {2}nightly +read +What runs every night\n/m)
    assert.match(shown.stdout, /^actions\n {2}boom, bang +read +Throws, and writes a file\.\n/m)
    assert.match(shown.stdout, /forgotten\.ts/)
    assert.not.match(shown.stdout, /_hidden|More about it/)
    assert.not(existsSync(join(dir, 'ran')))
  } finally {
    cleanup()
  }
})

list('run() prints an array of objects with --json, each with every member', async () => {
  const { run, cleanup } = office()
  try {
    const { status, stdout, stderr } = await run(['list', '--json'])
    assert.equal([status, stderr], [0, ''])
    assert.equal(JSON.parse(stdout), [
      {
        name: 'boom',
        summary: 'Throws, and writes a file.',
        group: 'actions',
        access: 'read',
        aliases: ['bang'],
        needs: [],
        file: 'scripts/boom.ts',
        line: 1,
        isolated: null,
        schedule: null,
        next: null,
        onFailure: null,
      },
      {
        name: 'nightly',
        summary: 'What runs every night',
        group: null,
        access: 'read',
        aliases: [],
        needs: ['boom'],
        file: null,
        line: null,
        isolated: null,
        schedule: null,
        next: null,
        onFailure: null,
      },
    ])
    assert.is((await run(['list', '--format', 'json'])).stdout, stdout)
  } finally {
    cleanup()
  }
})

list('run() lists one group with --group, and names the nearest one if there is no such group', async () => {
  const { run, cleanup } = office()
  try {
    const one = await run(['list', '--group', 'actions'])
    assert.equal(one, {
      status: 0,
      signal: null,
      stdout: 'actions\n  boom, bang  read   Throws, and writes a file.\n',
      stderr: '',
    })
    const none = await run(['list', '--group=action'])
    assert.equal(none, {
      status: 2,
      signal: null,
      stdout: '',
      stderr: 'error: Cannot list the group "action": no task is in it; did you mean "actions"?\n',
    })
  } finally {
    cleanup()
  }
})

list('run() says what is wrong with its flags', async () => {
  const { run, cleanup } = office()
  try {
    const usage = 'Expected list [--json] [--group G].\n'
    for (const [args, message] of [
      [['--jsn'], `error: Cannot run the command list: unknown flag --jsn; did you mean --json? ${usage}`],
      [['--group'], `error: Cannot run the command list: --group needs a value. ${usage}`],
      [['boom'], `error: Cannot run the command list: it takes no arguments. ${usage}`],
    ] as const) {
      assert.equal(await run(['list', ...args]), { status: 2, signal: null, stdout: '', stderr: message })
    }
  } finally {
    cleanup()
  }
})

list.run()
