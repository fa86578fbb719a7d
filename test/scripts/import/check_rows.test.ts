import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '#wfg'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { rejects } from '../../_assert.ts'
import { check, valuesOf, withFile } from './_tables.ts'

const checking = suite('scripts/_import/check_rows')

checking('checkRows() names row and column of all that is wrong', () =>
  withFile('A,B:number,C:date,D:file\nx,1,2026-02-30,\ny,2\n\nz,"1,5",24.11.2026,gone.pdf\n', async (path) => {
    const { message } = await rejects(check(path), { instance: UsageError })
    assert.is(
      message,
      `Cannot use ${quotedPath(path)}, and nothing was sent: 5 problems.
  row 2, C:date: there is no such day
  row 3: it has 2 cells; expected 4, as in the header
  row 5, B:number: it is not a number; expected one such as 1234.5
  row 5, C:date: the order of its day, month and year is unknown; add --dates dmy, mdy or ymd, or write 2026-11-24
  row 5, D:file: Cannot upload ${quotedPath(join(path, '../gone.pdf'))}: it cannot be read (ENOENT); expected a file.`,
    )
  }),
)

checking('checkRows() shows 20 problems and counts the others', () =>
  withFile(`A:number\n${'x\n'.repeat(23)}`, async (path) => {
    const { message } = await rejects(check(path))
    const lines = message.split('\n')
    assert.match(lines[0]!, 'nothing was sent: 23 problems.')
    assert.is(lines.length, 22)
    assert.match(lines[20]!, 'row 21, A:number')
    assert.is(lines[21], '  and 3 more')
  }),
)

checking('rows() stops when the file was changed after it was checked', () =>
  withFile('A:number\n1\n2\n3\n', async (path) => {
    const checked = await check(path)
    writeFileSync(path, 'A:number\n1\nx\n3\n')
    const message = /it was changed after it was checked/
    await rejects(valuesOf(checked), { instance: UsageError, message })
    const again = await rejects(check(path))
    assert.match(again.message, '1 problem.\n  row 3, A:number: it is not a number')
    rmSync(path)
    await rejects(valuesOf(checked), { instance: UsageError, message })
  }),
)

checking('rows() stops between two rows when the file gets other values', () =>
  withFile('A:number\n1\n2\n3\n', async (path) => {
    const rows = (await check(path)).rows()
    assert.is((await rows.next()).value?.row, 2)
    writeFileSync(path, 'A:number\n1\n2\n3000\n')
    await rejects(() => rows.next(), {
      instance: UsageError,
      message: /it was changed .*\. Type the same command again\.$/,
    })
  }),
)

checking('rows() stops when a file that a row names is gone', () =>
  withFile('A:file\ndata.csv\nletter.txt\n', async (path) => {
    const letter = join(path, '../letter.txt')
    writeFileSync(letter, 'abc')
    const checked = await check(path)
    rmSync(letter)
    await rejects(valuesOf(checked), { message: /row 3, A:file: Cannot upload .* it cannot be read/ })
  }),
)

checking('checkRows() takes a header without rows', () =>
  withFile('A,B\r\n', async (path) => {
    const checked = await check(path)
    assert.is(checked.count, 0)
    assert.equal(await valuesOf(checked), [])
  }),
)

checking.run()
