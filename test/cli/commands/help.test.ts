import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliResult, project, TOOL } from '../../_cli.ts'
import { here as callHere, TOOL_HERE } from '../_here.ts'

const help = suite('cli/help')

const ENTRIES = `
  report: { script: './scripts/report.ts', access: 'read', aliases: ['r'] },
  plain: { script: './scripts/plain.ts', schedule: { cron: '0 2 * * *', tz: 'Asia/Tokyo' } },`

function office() {
  const made = project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {${ENTRIES}
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
  return { ...made, here: (args: readonly string[]) => callHere(made.dir, args, { entries: ENTRIES }) }
}

/** What both show, whose command to start the tool differs, and so the ends of the lines. */
const asHere = ({ stdout }: CliResult) => stdout.replaceAll(TOOL, TOOL_HERE).replace(/\s+/g, ' ')

help('run() shows commands and flags of the tool', async () => {
  const { run, here, cleanup } = office()
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
    const first = await here(['help'])
    assert.equal([first.status, first.stderr, asHere(first)], [0, '', asHere(shown)])
    for (const args of [['--help'], ['-h']]) assert.equal(await here(args), first)
  } finally {
    cleanup()
  }
})

help('run() shows how a task is used, by its name, its alias, its file, and --help', async () => {
  const { dir, run, here, cleanup } = office()
  try {
    const shown = await run(['help', 'report'])
    assert.is(shown.status, 0)
    assert.is(shown.stderr, 'imported\n')
    const head = `Report what waits.\n\nReads actions; it may be run twice.\n\nUsage\n  ${TOOL} report [flags]\n`
    assert.ok(shown.stdout.startsWith(head), shown.stdout)
    assert.ok(shown.stdout.includes(`\n\`${TOOL} help\` shows the flags of the tool`), shown.stdout)
    assert.match(shown.stdout, /--since-date <\w+> +from this day\n/)
    assert.match(shown.stdout, /Only reads/)
    // It is imported once, and what it says then would be among the tests' own words.
    const script = join(dir, 'scripts/report.ts')
    writeFileSync(script, readFileSync(script, 'utf8').replace("console.log('imported')", ''))
    const first = await here(['help', 'report'])
    assert.equal([first.status, first.stderr, asHere(first)], [0, '', asHere(shown)])
    for (const args of [
      ['help', 'r'],
      ['report', '--help'],
      ['--help', 'run', 'scripts/report.ts'],
    ]) {
      assert.equal(await here(args), first, args.join(' '))
    }
  } finally {
    cleanup()
  }
})

help('run() shows a plain file without running it', async () => {
  const { dir, here, cleanup } = office()
  try {
    const { status, stdout, stderr } = await here(['plain', '--help'])
    assert.equal([status, stderr], [0, ''])
    assert.ok(stdout.startsWith(`Does its work at once.\n\nUsage\n  ${TOOL_HERE} plain\n\nCan write.`), stdout)
    assert.match(stdout, /\n\nScheduled: 0 2 \* \* \* Asia\/Tokyo, next \d{4}-\d\d-\d\d \d\d:\d\d\.\n/)
    assert.not(existsSync(join(dir, 'ran')))
  } finally {
    cleanup()
  }
})

help('run() shows how a command is used', async () => {
  const { here, cleanup } = office()
  try {
    const shown = await here(['help', 'list'])
    assert.equal(shown, {
      status: 0,
      signal: null,
      stdout: `Usage\n  ${TOOL_HERE} list [--json] [--group G]\n\nList the tasks.\n`,
      stderr: '',
    })
    assert.equal(await here(['list', '--help']), shown)
    assert.ok((await here(['run', '--help'])).stdout.startsWith(`Usage\n  ${TOOL_HERE} run <task or file>`))
  } finally {
    cleanup()
  }
})

help('run() names the nearest task when there is none of that name', async () => {
  const { here, cleanup } = office()
  try {
    const { status, stdout, stderr } = await here(['help', 'reprot'])
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, /^error: Cannot run "reprot": no task or command has that name; did you mean "report"\?/)
    assert.is(
      (await here(['help', 'report', 'plain'])).stderr,
      'error: Cannot run the command help: it takes one argument. Expected help [<task or command>] [--json].\n',
    )
  } finally {
    cleanup()
  }
})

help.run()
