import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../runtime/core/errors.ts'
import { checkOut, isToolFlag, takeToolFlags } from '../../../runtime/tasks/arguments/tool_flags.ts'
import { rejects } from '../../_assert.ts'

const flags = suite('tasks/tool_flags')

flags('takeToolFlags() takes flags at any place, and leaves the rest in order', () => {
  assert.equal(takeToolFlags(['--profile', 'test', 'task', '--since=x', '--dry-run', 'file', '--out=a.csv', '-v']), {
    flags: { profile: 'test', dryRun: true, out: 'a.csv' },
    rest: ['task', '--since=x', 'file', '-v'],
  })
})

flags('takeToolFlags() takes every flag', () => {
  const argv =
    '--profile a --dry-run --format csv --out b --yes --confirm c --timeout 1.5 --verbose --quiet --no-color --raw --args-file - --help --version'
  assert.equal(takeToolFlags(argv.split(' ')), {
    flags: {
      profile: 'a',
      dryRun: true,
      format: 'csv',
      out: 'b',
      yes: true,
      confirm: 'c',
      timeoutMs: 1500,
      verbose: true,
      quiet: true,
      noColor: true,
      raw: true,
      argsFile: '-',
      help: true,
      version: true,
    },
    rest: [],
  })
})

flags('takeToolFlags() leaves "--" and everything after it', () => {
  assert.equal(takeToolFlags(['--yes', '--', '--dry-run', '--', 'x']), {
    flags: { yes: true },
    rest: ['--', '--dry-run', '--', 'x'],
  })
  assert.equal(takeToolFlags(['-h']), { flags: { help: true }, rest: [] })
})

flags('takeToolFlags() uses the last one of a repeated flag', () => {
  assert.equal(takeToolFlags(['--format=csv', '--format', 'json']).flags, { format: 'json' })
  assert.equal(takeToolFlags(['--dry-run', '--dry-run=false']).flags, {})
})

for (const [argv, told] of [
  [['--format', 'xml'], '--format needs one of: table, json, ndjson, csv, xlsx'],
  [['--format'], '--format needs one of: table, json, ndjson, csv, xlsx'],
  [['--out'], '--out needs a value: --out FILE'],
  [['--out', '--yes'], '--out needs a value: --out FILE'],
  [['--out', '--', 'x'], '--out needs a value: --out FILE'],
  [['--profile='], '--profile needs a value: --profile NAME'],
  [['--yes=maybe'], '--yes takes no value'],
  ...['0', '-5', 'x', '1e3', '604801', '', 'Infinity'].map(
    (seconds) => [[`--timeout=${seconds}`], '--timeout needs seconds, more than 0 and at most 604800'] as const,
  ),
] as const) {
  flags(`takeToolFlags() refuses ${JSON.stringify(argv)}`, async () => {
    await rejects(() => takeToolFlags(argv), {
      instance: UsageError,
      code: 'WFG_USAGE',
      message: `Cannot read the command line: ${told}`,
    })
  })
}

flags('checkOut() refuses a file if neither its extension nor --format names the format', async () => {
  await rejects(() => checkOut({ out: 'x/a.xls' }), {
    instance: UsageError,
    code: 'WFG_USAGE',
    message:
      'Cannot write "x/a.xls": the extension .xls names no format; a spreadsheet opens "a.xlsx", or add --format table|json|ndjson|csv|xlsx',
  })
  await rejects(() => checkOut({ format: 'xlsx' }), {
    instance: UsageError,
    message: 'Cannot print an Excel file: `--format xlsx` needs a file; add --out FILE.xlsx.',
  })
  await rejects(() => checkOut({ out: 'a:b.csv' }, 'win32'), {
    instance: UsageError,
    message:
      'Cannot write "a:b.csv": Windows takes a: for a drive, and a name cannot have a colon; choose another name.',
  })
  for (const fine of [{}, { out: 'a.xlsx' }, { out: 'a.csv' }, { out: 'a' }, { out: 'a.xlsx', format: 'csv' as const }])
    checkOut(fine)
})

flags('isToolFlag() knows the names without dashes', () => {
  assert.is(isToolFlag('dry-run'), true)
  assert.is(isToolFlag('since'), false)
})

flags.run()
