import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PRIVATE, replaceFile } from '../../runtime/host/replace_file.ts'
import { rejects } from '../_assert.ts'
import { notRun } from '../_not_run.ts'

const replace = suite('replace_file')

/** Calls `action` with the path of a file in a new folder. */
async function inFolder(action: (path: string, folder: string) => unknown): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'wfg-'))
  try {
    await action(join(folder, 'file'), folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const modeOf = (path: string): number => statSync(path).mode & 0o777

replace('replaceFile() makes the file or replaces it, and leaves no other', () =>
  inFolder((path, folder) => {
    for (const text of ['first', 'second']) {
      replaceFile(path, text)
      assert.is(readFileSync(path, 'utf8'), text)
    }
    assert.equal(readdirSync(folder), ['file'])
  }),
)

replace('replaceFile() keeps the mode of the file, unless another is given', () =>
  inFolder((path) => {
    if (process.platform === 'win32') return notRun('Windows has no such modes')
    writeFileSync(path, '')
    chmodSync(path, 0o640)
    replaceFile(path, 'kept')
    assert.is(modeOf(path), 0o640)
    replaceFile(path, 'private', PRIVATE)
    assert.is(modeOf(path), 0o600)
  }),
)

replace('replaceFile() that fails leaves what was there, and nothing beside it', () =>
  inFolder(async (path, folder) => {
    mkdirSync(path)
    writeFileSync(join(path, 'x'), '')
    await rejects(() => replaceFile(path, 'text'), { instance: Error })
    assert.equal(readdirSync(folder), ['file'])
    assert.equal(readdirSync(path), ['x'])
  }),
)

replace.run()
