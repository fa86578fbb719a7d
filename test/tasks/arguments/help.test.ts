import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { renderHelp, renderUsage } from '../../../runtime/tasks/arguments/help.ts'
import { readParameters } from '../../../runtime/tasks/arguments/schema.ts'

const help = suite('tasks/help')

const parameters = readParameters(
  v.object({
    sinceDate: v.optional(v.pipe(v.string(), v.isoDate(), v.description('only actions opened since this day'))),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 10),
    state: v.pipe(v.picklist(['open', 'closed']), v.description('which ones')),
    all: v.optional(v.boolean()),
    tag: v.optional(v.array(v.string())),
    file: v.pipe(v.string(), v.description('the CSV file')),
    more: v.optional(v.array(v.number())),
  }),
  { positionals: ['file', 'more'] },
)
const task = {
  name: 'start-requests',
  summary: 'Start requests from a CSV file.',
  parameters,
  access: 'write',
  tool: 'npx tsx tasks.ts',
} as const

help('renderHelp() shows usage, arguments, flags with type, default and choices, an example, access and needs', () => {
  assert.is(
    renderHelp({ ...task, needs: ['nightly'], columns: 80 }),
    `Start requests from a CSV file.

Usage
  npx tsx tasks.ts start-requests --state <open|closed> [flags] <file>
    [<more>...]

Arguments
  <file>       the CSV file
  [<more>...]  [number]

Flags
  --since-date <date>    only actions opened since this day [date (YYYY-MM-DD)]
  --limit <number>       [whole number, 1 to 100; default 10]
  --state <open|closed>  which ones [required]
  --[no-]all
  --tag <string>...      [may be repeated]

Example
  npx tsx tasks.ts start-requests --state open FILE

Can write. Runs nightly first.

\`npx tsx tasks.ts help\` shows the flags of the tool, such as --profile,
--dry-run and --format.
`,
  )
})

help('renderHelp() leaves out empty sections', () => {
  const text = renderHelp({ ...task, parameters: [], access: 'read', needs: [], columns: undefined })
  assert.not.match(text, /^(Arguments|Flags)$/m)
  assert.match(text, /^ {2}npx tsx tasks\.ts start-requests$/m)
  assert.not.match(text, 'Example')
  assert.match(text, /Only reads: it cannot send a mutation\./)
})

help('renderHelp() shows what runs after a failed job', () => {
  assert.match(
    renderHelp({ ...task, needs: [], columns: 80, onFailure: 'tell' }),
    '\nIf it fails in a worker, tell runs.\n',
  )
})

help('renderHelp() shows every paragraph of the first comment, at most 80 columns wide', () => {
  const more = [`It may be run twice. ${'word '.repeat(30)}`.trim(), 'It reads:\n- a file\n- requests']
  const text = renderHelp({ ...task, more, needs: [], columns: 200 })
  assert.match(
    text,
    /^Start requests from a CSV file\.\n\nIt may be run twice\. (word ){11}word\n(word ){15}word\n(word )word\n\nIt reads:\n- a file\n- requests\n\nUsage\n/,
  )
})

help('renderHelp() leaves out an example that adds nothing to the usage', () => {
  const text = renderHelp({ ...task, parameters: [], examples: ['', '--dry-run'], needs: [], columns: 80 })
  assert.match(text, '\nExample\n  npx tsx tasks.ts start-requests --dry-run\n\n')
})

help('renderHelp() shows the given examples and command', () => {
  const text = renderHelp({ ...task, needs: [], examples: ['--state open a.csv'], command: 'wfg', columns: 80 })
  assert.match(text, 'Example\n  wfg start-requests --state open a.csv\n')
})

help('renderHelp() and renderUsage() fit the columns, but never break an example', () => {
  const commands = [{ usage: 'run <task or file> [flags]', summary: 'runs it, after what it needs, each once' }]
  for (const columns of [80, 60, 40]) {
    const text = renderHelp({ ...task, needs: ['nightly'], columns }) + renderUsage({ commands, tool: 'wfg', columns })
    assert.match(text, '\nExample\n  npx tsx tasks.ts start-requests --state open FILE\n')
    const lines = text.split('\n').filter((line) => !line.includes('--state open FILE'))
    const widest = lines.toSorted((a, b) => b.length - a.length)[0]!
    assert.ok(widest.length <= columns, `${columns}: ${widest}`)
  }
})

help('renderHelp() makes control characters visible', () => {
  assert.match(renderHelp({ ...task, summary: 'a\u001b[2Jb', needs: [], columns: 80 }), 'a\\x1b[2Jb')
})

help('renderUsage() lists the commands and every flag of the tool', () => {
  const text = renderUsage({ commands: [{ usage: 'list [--json]', summary: 'names' }], tool: 'wfg', columns: 80 })
  assert.match(text, 'Commands\n  list [--json]  names\n')
  for (const flag of ['--profile NAME', '--dry-run', '--timeout SECONDS', '--args-file FILE|-'])
    assert.match(text, flag)
})

help.run()
