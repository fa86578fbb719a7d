import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { knownPath, windowsNameProblem } from '../../runtime/host/windows_name.ts'

const name = suite('host/windows_name')

name('windowsNameProblem() tells what Windows refuses or takes for something else', () => {
  for (const [path, problem] of [
    ['nul', 'Windows keeps the name nul for a device'],
    ['C:\\out\\COM1.csv', 'Windows keeps the name COM1 for a device'],
    ['what?.csv', 'Windows has no ? in a file name'],
    ['a:b.csv', 'Windows takes a: for a drive, and a name cannot have a colon'],
    ['a b:c.csv', 'Windows has no : in a file name'],
    ['out|x\\a.csv', 'Windows has no | in a file name'],
    ['rows.csv.', 'Windows drops a space or a dot at the end of a file name'],
    ['C:\\a b\\rows.csv', undefined],
    ['\\\\server\\share\\rows.csv', undefined],
    ['nulls.csv', undefined],
    ['out/rows.csv', undefined],
  ] as const) {
    assert.is(windowsNameProblem(path, 'win32'), problem, path)
    assert.is(windowsNameProblem(path, 'linux'), undefined)
  }
})

name('knownPath() is the same for all paths of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'Name-'))
  try {
    writeFileSync(join(folder, 'Rows.csv'), '')
    const known = knownPath(join(folder, 'Rows.csv'))
    assert.is(readFileSync(known, 'utf8'), '')
    assert.is(knownPath(`${folder}/./Rows.csv`), known)
    if (existsSync(join(folder, 'ROWS.CSV'))) assert.is(knownPath(join(folder.toLowerCase(), 'ROWS.CSV')), known)
    assert.is(knownPath(join(folder, 'none')), join(folder, 'none'))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

name.run()
