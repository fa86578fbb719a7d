import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createInput, readTextFrom } from '../../runtime/host/standard_input.ts'
import { rejects } from '../_assert.ts'

const input = suite('host/standard_input')

const TEXT = '{"name":"Jörg"}\r\n'
const UTF_16 = Buffer.from(`\uFEFF${TEXT}`, 'utf16le')
const ANSI = Buffer.from(TEXT, 'latin1')
const NOT_TEXT = /^it is neither UTF-8 nor UTF-16 with a byte order mark$/

/** Standard input with these bytes, which come in parts that cut characters. */
function stdinOf(bytes: Buffer) {
  const half = bytes.length / 2 + 1
  return createInput(Readable.from([bytes.subarray(0, half), bytes.subarray(half)]) as never)
}

input('readAll() and readTextFrom() read what editors and PowerShell write', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'input-'))
  const from = (path: string) => readTextFrom({ cwd: () => folder, stdin: stdinOf(UTF_16) }, path)
  try {
    for (const bytes of [Buffer.from(TEXT), Buffer.from(`\uFEFF${TEXT}`), UTF_16]) {
      assert.is(await stdinOf(bytes).readAll(), TEXT)
      writeFileSync(join(folder, 'a.json'), bytes)
      assert.is(await from('a.json'), TEXT)
    }
    assert.is(await from('-'), TEXT)
    await rejects(() => stdinOf(ANSI).readAll(), { message: NOT_TEXT })
    writeFileSync(join(folder, 'a.json'), ANSI)
    await rejects(() => from('a.json'), { message: NOT_TEXT })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

input.run()
