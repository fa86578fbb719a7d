import { writeFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '#wfg'
import type { Encoding } from '../../../scripts/_import/encoding.ts'
import { rejects } from '../../_assert.ts'
import { check, valuesOf, withFile } from './_tables.ts'

const encoding = suite('scripts/_import/encoding')

const TEXT = 'NAME;PRICE\r\nMüller “Œuvre” š;5 €\r\n'
const VALUES = ['Müller “Œuvre” š', '5 €']

async function textsOf(path: string, flag?: Encoding): Promise<unknown[]> {
  const [first] = await valuesOf(await check(path, { encoding: flag }))
  return first!.value.map(({ textValue }) => textValue)
}

for (const [title, content, flag] of [
  ['UTF-8', TEXT],
  ['UTF-8 with a byte order mark', `\uFEFF${TEXT}`],
  ['UTF-8 with a byte order mark, whatever the flag says', `\uFEFF${TEXT}`, 'windows-1252'],
  ['UTF-16 with a byte order mark', Buffer.from(`\uFEFF${TEXT}`, 'utf16le')],
  ['UTF-16 of the other order', Buffer.from(`\uFEFF${TEXT}`, 'utf16le').swap16()],
  ['UTF-16 without a mark, by its flag', Buffer.from(TEXT, 'utf16le'), 'utf-16'],
  ['Windows-1252, by its flag', inWindows1252(TEXT), 'windows-1252'],
] as const) {
  encoding(`checkRows() reads ${title}`, () =>
    withFile(content, async (path) => assert.equal(await textsOf(path, flag), VALUES)),
  )
}

encoding('checkRows() reads letters of several bytes that two chunks of the file share', () =>
  withFile(`A\n${'ü€😀'.repeat(30_000)}\n`, async (path) => {
    const [text] = await textsOf(path)
    assert.ok(text === 'ü€😀'.repeat(30_000))
  }),
)

encoding('checkRows() names the first cell that is no UTF-8, and the flag that reads it', () =>
  withFile(Buffer.from('A;B\nx;y\nx;M\u00fcller\nx;M\u00fcller\n', 'latin1'), async (path) => {
    await rejects(check(path), {
      instance: UsageError,
      message: /: row 3, B: it has a character that is not UTF-8; add --encoding windows-1252 if .* "CSV UTF-8"\.$/,
    })
  }),
)

encoding('checkRows() names the column when the header is no UTF-8', () =>
  withFile(Buffer.from('A;ST\u00dcCK\nx;1\n', 'latin1'), async (path) => {
    await rejects(check(path), { message: /row 1, column 2: it has a character that is not UTF-8/ })
  }),
)

encoding('checkRows() refuses UTF-8 that would be read as Windows-1252', () =>
  withFile(TEXT, async (path) => {
    const utf8 = { instance: UsageError, message: /it is UTF-8.* leave out --encoding/ }
    await rejects(check(path, { encoding: 'windows-1252' }), utf8)
    await writeFile(path, `A,B\n${'x,y\n'.repeat(20_000)}é,y\n`)
    await rejects(check(path, { encoding: 'windows-1252' }), utf8)
  }),
)

encoding('checkRows() refuses UTF-8 that would be read as UTF-16', () =>
  withFile(TEXT, async (path) => {
    await rejects(check(path, { encoding: 'utf-16' }), { message: /it is not UTF-16; leave out --encoding utf-16/ })
  }),
)

encoding('checkRows() refuses UTF-16 without a mark, and what is no text', () =>
  withFile(Buffer.from(TEXT, 'utf16le'), async (path) => {
    await rejects(check(path), { message: /it is UTF-16, or not text; .* --encoding utf-16/ })
    await writeFile(path, `A,B\n${'x,y\n'.repeat(20_000)}x,y\0z\n`)
    await rejects(check(path), { message: /row 20002, B: it has a character that no text has/ })
  }),
)

function inWindows1252(text: string): Buffer {
  const bytes: Readonly<Record<string, string>> = { '“': '\x93', '”': '\x94', Œ: '\x8c', š: '\x9a', '€': '\x80' }
  return Buffer.from(
    text.replace(/[“”Œš€]/g, (letter) => bytes[letter]!),
    'latin1',
  )
}

encoding.run()
