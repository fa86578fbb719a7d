import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRedactor } from '../../../runtime/core/redact.ts'
import { annotation, stepSummary } from '../../../runtime/tasks/run/github_actions.ts'
import { hides } from '../../_assert.ts'
import { project } from '../../_cli.ts'
import { withFolder } from '../_folder.ts'

const actions = suite('tasks/github_actions')

function office() {
  return project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  rows: { script: './scripts/rows.ts', access: 'read' },
  value: { script: './scripts/value.ts', access: 'read' },
  bad: { script: './scripts/bad.ts', access: 'read', needs: ['rows'] },
})
await main(import.meta, tasks)`,
    'scripts/rows.ts': `import { defineScript } from '#wfg'
export default defineScript({ *run() { for (let n = 1; n <= 150; n++) yield { n, text: n === 1 ? 'a|b\\n<img src=x> 100%' : null } } })`,
    'scripts/value.ts': `import { defineScript } from '#wfg'
export default defineScript({ run: () => 'all is well' })`,
    'scripts/bad.ts': `import { defineScript } from '#wfg'
export default defineScript({ *run() { yield { n: 1 }; throw new Error('two\\nlines: 100%') } })`,
  })
}

actions('annotation() is empty outside of GitHub Actions, and for an error that was printed already', () => {
  assert.is(annotation({ env: {} }, 'The task', 'error: broken\n'), '')
  assert.is(annotation({ env: { GITHUB_ACTIONS: 'true' } }, 'The task', ''), '')
})

actions('annotation() escapes what would end the command or its properties', () => {
  const text = annotation({ env: { GITHUB_ACTIONS: 'true' } }, 'The task "a:b", c', 'error: 100%\nof: it\n')
  assert.is(text, '::error title=The task "a%3Ab"%2C c::100%25%0Aof: it\n')
})

actions('a summary copies its rows, cuts long cells, and masks secrets before it cuts or escapes', async () => {
  await withFolder({ 'summary.md': '' }, async (folder) => {
    const path = join(folder, 'summary.md')
    const redactor = createRedactor()
    redactor.add('s3cret+of-the-client')
    const summary = stepSummary({ env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: path }, redactor }, 'rows')!
    const row = { text: 'first' }
    for (const text of [
      'first',
      'has s3cret+of-the-client',
      `${'x'.repeat(490)}s3cret+of-the-client`,
      'x'.repeat(2e6),
    ]) {
      row.text = text
      summary.seen(row)
    }
    summary.seen({ 's3cret+of-the-client': 'the name of a column is text as well' })
    await summary.write(true)
    const written = readFileSync(path, 'utf8')
    assert.match(written, /\| first \|/)
    assert.ok(written.length < 3000)
    hides(written, 's3cret')
  })
})

actions('a result becomes the summary of the step, with at most 100 rows and all markup escaped', async () => {
  const { dir, run, cleanup } = office()
  try {
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(dir, 'summary.md') }
    const { status, stdout } = await run(['rows', '--format', 'csv'], { env })
    assert.is(status, 0)
    assert.is(stdout.split('\n').length, 153)
    await run(['value'], { env })
    const summary = readFileSync(join(dir, 'summary.md'), 'utf8')
    const lines = summary.split('\n')
    assert.equal(lines.slice(0, 5), [
      '### rows',
      '',
      '| n | text |',
      '| --- | --- |',
      '| 1 | a\\|b \\<img src=x\\> 100% |',
    ])
    assert.is(lines[103], '| 100 |  |')
    assert.is(lines[105], '150 rows, the first 100 shown')
    assert.match(summary, /### value\n\n\| value \|\n\| --- \|\n\| all is well \|\n\n1 row\n/)
  } finally {
    cleanup()
  }
})

actions('a failed task becomes an annotation, and the result of a needed task no summary', async () => {
  const { dir, run, cleanup } = office()
  try {
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(dir, 'summary.md') }
    const { status, stderr } = await run(['bad'], { env })
    assert.is(status, 1)
    assert.match(stderr, /^error: The task "bad" failed: Error: two$/m)
    assert.match(stderr, /^::error title=The task "bad"::The task "bad" failed: Error: two%0Alines: 100%25%0A[^\n]+$/m)
    assert.match(
      readFileSync(join(dir, 'summary.md'), 'utf8'),
      /^### bad: failed\n\n\| n \|\n\| --- \|\n\| 1 \|\n\n1 row\n\n$/,
    )
    const elsewhere = await run(['bad'])
    assert.not.match(elsewhere.stderr, /::/)
  } finally {
    cleanup()
  }
})

actions.run()
