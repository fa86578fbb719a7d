import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../../runtime/host/host.ts'
import { MAX_BYTES } from '../../../runtime/tasks/history/history_folder.ts'
import { readHistory } from '../../../runtime/tasks/history/read_history.ts'
import { olderFile, rotate } from '../../../runtime/tasks/history/rotate.ts'
import { temporaryFolder } from '../../_cli.ts'
import { compiled } from '../../_compiled.ts'
import { notRun, UNDER_WINE } from '../../_not_run.ts'

const history = suite('tasks/history/rotate')

async function withFolder(action: (folder: string) => unknown): Promise<void> {
  const folder = temporaryFolder()
  try {
    await action(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

history('rotate() renames a full file to the older half, and no other file', () =>
  withFolder((folder) => {
    const file = join(folder, 'runs.ndjson')
    rotate(systemHost(), file)
    assert.equal(readdirSync(folder), [])
    writeFileSync(file, 'small')
    rotate(systemHost(), file)
    assert.equal(readdirSync(folder), ['runs.ndjson'])
    writeFileSync(olderFile(file), 'oldest')
    writeFileSync(file, 'x'.repeat(MAX_BYTES))
    rotate(systemHost(), file)
    assert.not(existsSync(file))
    assert.is(readFileSync(olderFile(file), 'utf8').length, MAX_BYTES)
    assert.equal(readdirSync(folder), ['runs.old.ndjson'], 'no lock is left')
  }),
)

history('processes that write at the same time lose no record when the file becomes full', () =>
  withFolder(async (folder) => {
    if (UNDER_WINE)
      return notRun('Wine looks for the end of a file, then writes there: two processes may overwrite each other')
    const writer = compiled(fileURLToPath(new URL('_writer.ts', import.meta.url)))
    const names = ['aaaa', 'bbbb', 'cccc', 'dddd']
    const children = names.map((name) => {
      const args = [...writer.args, folder, '150', name]
      return once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit')
    })
    assert.equal(await Promise.all(children), Array(4).fill([0, null]))
    writer.cleanup()
    const found = readHistory(folder, undefined).map(({ id }) => id)
    const expected = names.flatMap((name) => Array.from({ length: 150 }, (_, index) => `${name}-${index}`))
    assert.equal(found.toSorted(), expected.toSorted())
    assert.equal(readdirSync(folder).sort(), ['runs.ndjson', 'runs.old.ndjson'])
  }),
)

history.run()
