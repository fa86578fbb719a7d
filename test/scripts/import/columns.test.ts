import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphQLExecutionError, OutcomeUnknownError, UsageError } from '#wfg'
import { messageOf } from '../../../scripts/_import/columns.ts'
import { rejects } from '../../_assert.ts'
import { check, valuesOf, withFile } from './_tables.ts'

const columns = suite('scripts/_import/columns')

columns('checkRows() gives texts, numbers, dates and files of the folder, and nothing for an empty cell', () =>
  withFile('A,B:number,C:date,D:file\n x ,1.50,2026-11-24,letters/a.txt\ny,,,\n', async (path) => {
    await mkdir(join(path, '../letters'))
    await writeFile(join(path, '../letters/a.txt'), 'abc')
    const checked = await check(path)
    assert.is(checked.count, 2)
    const [first, second] = await valuesOf(checked)
    const [text, number, date, file] = first!.value
    assert.equal(
      [text, number, date],
      [
        { name: 'A', textValue: ' x ' },
        { name: 'B', numericValue: 1.5 },
        { name: 'C', dateTimeValue: '2026-11-24' },
      ],
    )
    assert.equal([file!.name, file!.fileValue!.upload.name, file!.fileValue!.upload.size], ['D', 'a.txt', 3])
    assert.equal(second, { row: 3, value: [{ name: 'A', textValue: 'y' }] })
  }),
)

columns('checkRows() uploads no file of settings, whoever wrote the list', () =>
  withFile('A:file\n.env\nsub/.ENV.test\n.environment.txt\n', async (path) => {
    for (const name of ['.env', '.environment.txt']) await writeFile(join(path, '..', name), 'WFG_CLIENT_SECRET=x')
    const { message } = await rejects(check(path), { instance: UsageError })
    const problem = 'A:file: it names a file of settings, which may hold secrets; expected another file'
    assert.equal(message.split('\n').slice(1), [`  row 2, ${problem}`, `  row 3, ${problem}`])
  }),
)

columns('checkRows() names what is wrong with the header, and not the rows under it', () =>
  withFile('A,,a:number,B:money,C D,E:date:x\n1,2\n', async (path) => {
    const { message } = await rejects(check(path), { instance: UsageError })
    assert.equal(message.split('\n').slice(1), [
      '  row 1, column 2: it is not the name of a data field; expected letters, digits and _, such as AMOUNT:number',
      '  row 1, a:number: another column has this name',
      '  row 1, B:money: its type is unknown; expected text, number, date or file after the colon',
      '  row 1, C D: it is not the name of a data field; expected letters, digits and _, such as AMOUNT:number',
      '  row 1, E:date:x: its type is unknown; expected text, number, date or file after the colon',
    ])
  }),
)

columns('messageOf() says what the server said, with the names of columns for the places of parameters', () => {
  const parameters = [
    { name: 'ITEM', textValue: 'x' },
    { name: 'AMOUNT', textValue: 'y' },
  ]
  const said = (message: string) =>
    messageOf(new GraphQLExecutionError('Cannot execute it.', { errors: [{ message }], data: null }), parameters)
  for (const [message, expected] of [
    ['Data "[value of parameters[1].name]" takes numericValue.', 'Data "AMOUNT" takes numericValue.'],
    ['got invalid value [value] at "parameters[1].textValue"', 'got invalid value [value] at "AMOUNT.textValue"'],
    ['[value of parameters[0].textValue] is taken', '[value of ITEM.textValue] is taken'],
    ['[value of b3_parameters[0].name] of a batch', '[value of b3_parameters[0].name] of a batch'],
    ['parameters[7] is none of the row', 'parameters[7] is none of the row'],
    ['', 'Cannot execute it.'],
  ] as const) {
    assert.is(said(message), expected)
  }
  assert.is(messageOf(new OutcomeUnknownError('It is unknown.'), parameters), 'It is unknown.')
  assert.is(messageOf(undefined, parameters), null)
})

columns.run()
