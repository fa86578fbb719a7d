import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliResult, project } from '../../_cli.ts'

const journal = suite('cli/journal')

const SENT_AT = '2026-11-24T09:30:00.000Z'
const line = (event: string, key: string, more = {}) => ({ at: SENT_AT, event, key, digest: key, ...more })
const LINES = [
  { at: SENT_AT, event: 'open', format: 2, server: 'https://wfg.example.com/wfgen/graphql' },
  ...['a', 'b', 'c', 'd', 'e'].map((key, index) => line('send', key, { index })),
  line('done', 'a', { data: '{"createRequest":{"request":{"number":7}}}' }),
  line('failed', 'b'),
  line('unknown', 'd'),
]

interface Given {
  readonly file: string
  run(...args: string[]): Promise<CliResult>
}

async function withJournal(check: (given: Given) => Promise<void>): Promise<void> {
  const tasks = `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {})
await main(import.meta, tasks)`
  const { dir, run, cleanup } = project({
    'tasks.ts': tasks,
    'x.ndjson': LINES.map((each) => `${JSON.stringify(each)}\n`).join(''),
  })
  try {
    await check({ file: join(dir, 'x.ndjson'), run: (...args) => run(['journal', ...args]) })
  } finally {
    cleanup()
  }
}

journal('it shows counts and what is unknown, also while a run has the journal, and then settles nothing', () =>
  withJournal(async ({ file, run }) => {
    writeFileSync(`${file}.lock`, '{}')
    const text = await run('x.ndjson')
    assert.match(
      text.stdout,
      /^https:\/\/wfg\.example\.com\/wfgen\/graphql: 1 done, 3 unknown, 1 to send again\. What no run has tried yet is not in it\.\nkey +sentAt/,
    )
    const shown = await run('x.ndjson', '--format', 'ndjson')
    assert.is(shown.status, 0, shown.stderr)
    assert.is(
      shown.stderr,
      'https://wfg.example.com/wfgen/graphql: 1 done, 3 unknown, 1 to send again. What no run has tried yet is not in it.\n',
    )
    assert.is(shown.stdout, ['c', 'd', 'e'].map((key) => `${JSON.stringify({ key, sentAt: SENT_AT })}\n`).join(''))
    const refused = await run('x.ndjson', '--done', 'c')
    assert.is(refused.status, 7, refused.stderr)
    assert.match(refused.stderr, /Refused to use the journal "x\.ndjson": .* Nothing was sent\./)
  }),
)

journal('it settles entries by hand, and records who did it and when', () =>
  withJournal(async ({ file, run }) => {
    const before = readFileSync(file, 'utf8')
    const wrong = await run('x.ndjson', '--done', 'c', 'a')
    assert.is(wrong.status, 2, wrong.stderr)
    assert.match(
      wrong.stderr,
      'Cannot settle "a" in the journal "x.ndjson": its entry is done; expected the key of an unknown',
    )
    assert.is(readFileSync(file, 'utf8'), before)

    assert.is((await run('x.ndjson', '--done', 'c', '--request', '1234')).status, 0)
    const settled = await run('x.ndjson', '--not-done', 'd', 'e', '--json')
    assert.equal(JSON.parse(settled.stdout), {
      ...{ server: 'https://wfg.example.com/wfgen/graphql', done: 2, toSend: 3, unknown: [] },
    })
    const added = readFileSync(file, 'utf8')
      .slice(before.length)
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    assert.equal(
      added.map(({ event, key, data }) => [event, key, data]),
      [
        ['done', 'c', '{"createRequest":{"request":{"number":1234}}}'],
        ['unsent', 'd', undefined],
        ['unsent', 'e', undefined],
      ],
    )
    for (const { at, by } of added) {
      assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000)
      assert.match(by, / on \S+$/)
    }
  }),
)

journal('it refuses what is no journal, and arguments that do not fit', () =>
  withJournal(async ({ run }) => {
    for (const [args, message] of [
      [[], 'it needs the file of a journal'],
      [['missing.ndjson'], 'there is no such file, or it is empty'],
      [['tasks.ts'], 'Cannot use "tasks.ts" as a journal: line 1 is not a journal line'],
      [['x.ndjson', 'c'], 'keys come after --done or --not-done'],
      [['x.ndjson', '--done', 'c', '--not-done', 'd'], '--done and --not-done do not go together'],
      [['x.ndjson', '--done', 'c', '--request', 'x'], '--request needs the number of a request'],
    ] as const) {
      const { status, stderr } = await run(...args)
      assert.is(status, 2, stderr)
      assert.match(stderr, message)
    }
  }),
)

journal.run()
