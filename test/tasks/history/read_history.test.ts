import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readHistory } from '../../../runtime/tasks/history/read_history.ts'
import { temporaryFolder } from '../../_cli.ts'

const history = suite('tasks/history/read_history')

function record(id: string, more: object = {}): string {
  const rest = { startedAt: '2026-11-01T02:00:00.000Z', durationMs: 1, directory: '/d', operations: {}, exitCode: 0 }
  return JSON.stringify({ v: 1, id, ...rest, outcome: 'done', ...more })
}

function withFiles(files: Record<string, string>, action: (folder: string) => void): void {
  const folder = temporaryFolder()
  try {
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { mode: 0o600 })
      chmodSync(join(folder, name), 0o600)
    }
    action(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

history('readHistory() returns each attempt of a retried run', () => {
  const ids = ['0b483041-6d5c-4a7e-9b1f-3c2d1e0f9a8b', '0b483041-6d5c-4a7e-9b1f-3c2d1e0f9a8b.1']
  withFiles({ 'runs.ndjson': ids.map((id) => `${record(id)}\n`).join('') }, (folder) => {
    assert.equal(
      readHistory(folder, undefined).map(({ id }) => id),
      ids,
    )
  })
})

history('readHistory() returns both halves in order, and nothing if there is no file', () => {
  withFiles({}, (folder) => assert.equal(readHistory(folder, undefined), []))
  const files = { 'runs.old.ndjson': `${record('aaaa')}\n`, 'runs.ndjson': `${record('bbbb', { later: 1 })}\n` }
  withFiles(files, (folder) => {
    const found = readHistory(folder, undefined)
    assert.equal(
      found.map(({ id }) => id),
      ['aaaa', 'bbbb'],
    )
    assert.is((found[1] as { later?: number }).later, 1, 'what a newer version adds')
  })
})

history('readHistory() returns a run once: as of its end, in whichever file that is', () => {
  const start = (id: string) =>
    record(id, { outcome: 'running', exitCode: undefined, durationMs: undefined, process: { pid: 7, start: '1' } })
  const files = {
    'runs.old.ndjson': `${start('aaaa')}\n${start('bbbb')}\n`,
    'runs.ndjson': `${start('cccc')}\n${record('bbbb')}\n${record('cccc')}\n${start('cccc')}\n`,
  }
  withFiles(files, (folder) => {
    assert.equal(
      readHistory(folder, undefined).map(({ id, outcome }) => [id, outcome]),
      [
        ['aaaa', 'running'],
        ['bbbb', 'done'],
        ['cccc', 'done'],
      ],
    )
  })
})

history('readHistory() skips damaged lines, and loses no others', () => {
  const torn = record('torn').slice(0, 40)
  const lines = [
    '',
    'nonsense',
    record('aaaa'),
    `${torn}${record('bbbb')}`,
    record('cccc', { v: 2 }),
    record('dddd', { startedAt: 'once' }),
    record('eeee', { outcome: 'odd' }),
    record('../../x'),
    '[]',
    'null',
    record('ffff'),
    torn,
  ]
  withFiles({ 'runs.ndjson': lines.join('\n') }, (folder) => {
    assert.equal(
      readHistory(folder, undefined).map(({ id }) => id),
      ['aaaa', 'bbbb', 'ffff'],
    )
    assert.is(readFileSync(join(folder, 'runs.ndjson'), 'utf8'), lines.join('\n'))
  })
})

history('readHistory() refuses a file that others may write', () => {
  const userId = process.geteuid?.()
  if (userId === undefined) return
  withFiles({ 'runs.ndjson': `${record('aaaa')}\n` }, (folder) => {
    chmodSync(join(folder, 'runs.ndjson'), 0o644)
    assert.throws(() => readHistory(folder, userId), 'other users have access to it')
  })
})

history.run()
