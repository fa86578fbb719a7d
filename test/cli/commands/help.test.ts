import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project, TOOL } from '../../_cli.ts'

const help = suite('cli/help')

function office() {
  return project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  report: { script: './scripts/report.ts', access: 'read', aliases: ['r'] },
  plain: { script: './scripts/plain.ts', schedule: { cron: '0 2 * * *', tz: 'Asia/Tokyo' } },
})
await main(import.meta, tasks)`,
    'scripts/report.ts': `/**
 * Report what waits.
 *
 * Reads actions; it may be run twice.
 */
import { defineScript } from '#wfg'
import * as v from 'valibot'
console.log('imported')
export default defineScript({
  args: v.object({ sinceDate: v.optional(v.pipe(v.string(), v.description('from this day'))) }),
  run() { throw new Error('it ran') },
})`,
    'scripts/plain.ts': `// Does its work at once.
import { writeFileSync } from 'node:fs'
writeFileSync('ran', 'x')`,
  })
}

help('run() shows commands and flags of the tool', async () => {
  const { run, cleanup } = office()
  try {
    const shown = await run(['help'])
    assert.equal([shown.status, shown.stderr], [0, ''])
    assert.ok(shown.stdout.startsWith(`Usage\n  ${TOOL} <task or command> [flags]\n`), shown.stdout)
    for (const words of [
      'list [--json] [--group G]',
      'run <task or file> [flags]',
      'sandbox',
      '--dry-run',
      '--version',
    ]) {
      assert.ok(shown.stdout.includes(words), words)
    }
    assert.equal(await run(['--help']), shown)
    assert.equal(await run(['-h']), shown)
  } finally {
    cleanup()
  }
})

help('run() shows how a task is used, by its name, its alias, its file, and --help', async () => {
  const { run, cleanup } = office()
  try {
    const shown = await run(['help', 'report'])
    assert.is(shown.status, 0)
    assert.is(shown.stderr, 'imported\n')
    const head = `Report what waits.\n\nReads actions; it may be run twice.\n\nUsage\n  ${TOOL} report [flags]\n`
    assert.ok(shown.stdout.startsWith(head), shown.stdout)
    assert.ok(shown.stdout.includes(`\n\`${TOOL} help\` shows the flags of the tool`), shown.stdout)
    assert.match(shown.stdout, /--since-date <\w+> +from this day\n/)
    assert.match(shown.stdout, /Only reads/)
    for (const args of [
      ['help', 'r'],
      ['report', '--help'],
      ['--help', 'run', 'scripts/report.ts'],
    ]) {
      assert.equal(await run(args), shown, args.join(' '))
    }
  } finally {
    cleanup()
  }
})

help('run() shows a plain file without running it', async () => {
  const { dir, run, cleanup } = office()
  try {
    const { status, stdout, stderr } = await run(['plain', '--help'])
    assert.equal([status, stderr], [0, ''])
    assert.ok(stdout.startsWith(`Does its work at once.\n\nUsage\n  ${TOOL} plain\n\nCan write.`), stdout)
    assert.match(stdout, /\n\nScheduled: 0 2 \* \* \* Asia\/Tokyo, next \d{4}-\d\d-\d\d \d\d:\d\d\.\n/)
    assert.not(existsSync(join(dir, 'ran')))
  } finally {
    cleanup()
  }
})

help('run() shows how a command is used', async () => {
  const { run, cleanup } = office()
  try {
    const shown = await run(['help', 'list'])
    assert.equal(shown, {
      status: 0,
      signal: null,
      stdout: `Usage\n  ${TOOL} list [--json] [--group G]\n\nList the tasks.\n`,
      stderr: '',
    })
    assert.equal(await run(['list', '--help']), shown)
    assert.ok((await run(['run', '--help'])).stdout.startsWith(`Usage\n  ${TOOL} run <task or file>`))
  } finally {
    cleanup()
  }
})

help('run() names the nearest task when there is none of that name', async () => {
  const { run, cleanup } = office()
  try {
    const { status, stdout, stderr } = await run(['help', 'reprot'])
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, /^error: Cannot run "reprot": no task or command has that name; did you mean "report"\?/)
    assert.is(
      (await run(['help', 'report', 'plain'])).stderr,
      'error: Cannot run the command help: it takes one argument. Expected help [<task or command>] [--json].\n',
    )
  } finally {
    cleanup()
  }
})

help.run()
