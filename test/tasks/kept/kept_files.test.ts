import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemHost } from '../../../runtime/host/host.ts'
import { MAX_BYTES } from '../../../runtime/tasks/kept/kept.ts'
import { keptFiles, keptReader } from '../../../runtime/tasks/kept/kept_files.ts'
import { temporaryFolder } from '../../_cli.ts'

const files = suite('tasks/kept_files')

const HOST = { userId: () => systemHost().userId() }

async function withFolder(check: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = temporaryFolder()
  try {
    await check(join(folder, 'kept'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function noProblem(problem: string): void {
  throw new Error(problem)
}

files('the parts of a run are read from anywhere, and only this user may read their files', () =>
  withFolder(async (folder) => {
    const place = keptFiles(HOST, folder, noProblem)('run-a')
    place.add('log', { at: 0, data: Buffer.from('one\n') })
    place.add('log', { at: 4, data: Buffer.from('two\n') })
    place.add('log', { at: 100, data: Buffer.from('three\n') })
    keptFiles(HOST, folder, noProblem)('run-a.2').add('log', { at: 0, data: Buffer.from('other') })
    const reader = keptReader(HOST, folder)
    const read = async (from: number) =>
      (await reader.read('run-a', 'log', from)).map(({ at, data }) => [at, Buffer.from(data).toString()])
    assert.equal(await read(0), [
      [0, 'one\ntwo\n'],
      [100, 'three\n'],
    ])
    assert.equal(await read(5), [
      [5, 'wo\n'],
      [100, 'three\n'],
    ])
    assert.equal(await read(106), [])
    assert.equal(await reader.sizes('run-a'), { output: 0, log: 14 })
    assert.equal(await reader.sizes('unknown'), { output: 0, log: 0 })
    if (process.platform === 'win32') return
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)
    assert.equal([...new Set(modes)], [0o600])
    assert.is(statSync(folder).mode & 0o777, 0o700)
  }),
)

files('of a long log, the files have at most a MiB', () =>
  withFolder(async (folder) => {
    const place = keptFiles(HOST, folder, noProblem)('run-a')
    const data = Buffer.from(`${'x'.repeat(49_999)}\n`)
    for (let at = 0; at < 3 * MAX_BYTES; at += data.length) {
      place.add('log', { at, data })
      const { log } = await keptReader(HOST, folder).sizes('run-a')
      assert.ok(log <= MAX_BYTES && log >= Math.min(at, MAX_BYTES - 200_000), `${log} bytes at ${at}`)
    }
    const [first, ...more] = await keptReader(HOST, folder).read('run-a', 'log', 0)
    assert.ok(first!.at > 0 && more.length > 0)
  }),
)

files('the oldest files go when all together are too large; files of others stay', () =>
  withFolder(async (folder) => {
    mkdirSync(folder, { mode: 0o700 })
    writeFileSync(join(folder, 'notes.txt'), 'x'.repeat(200_000))
    const place = keptFiles(HOST, folder, noProblem, 100_000)
    for (let number = 10; number < 40; number++) {
      place(`run-${number}`).add('output', { at: 0, data: Buffer.alloc(8000, 'x') })
      utimesSync(join(folder, `run-${number}.output.0`), 1_700_000_000 + number, 1_700_000_000 + number)
    }
    const left = readdirSync(folder)
      .filter((name) => name.startsWith('run-'))
      .sort()
    assert.ok(left.length <= 13 && left.length >= 9, `${left.length} files`)
    assert.equal([left[0]! > 'run-25', left.at(-1)], [true, 'run-39.output.0'])
    assert.ok(readdirSync(folder).includes('notes.txt'))
  }),
)

files('a run does not fail because its output cannot be kept', () =>
  withFolder(async (folder) => {
    const told: string[] = []
    writeFileSync(folder, 'a file')
    chmodSync(folder, 0o600)
    keptFiles(HOST, folder, (problem) => told.push(problem))('run-a').add('log', { at: 0, data: Buffer.from('x') })
    assert.equal(told, ['it is not a folder, or a link to one'])
    assert.equal(await keptReader(HOST, folder).read('run-a', 'log', 0), [])
  }),
)

files.run()
