import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../../runtime/core/errors.ts'
import { hasTable, prepareTables } from '../../../runtime/queue/store/tables.ts'
import { rejects } from '../../_assert.ts'
import { newPglite } from './_store.ts'

const tables = suite('tables')

tables('the tables are made once, and those of a newer version are refused', async () => {
  const sql = await newPglite()
  await sql.query('DROP SCHEMA wfg CASCADE')
  assert.is(await hasTable(sql, 'wfg', 'run'), false)
  await prepareTables(sql)
  await prepareTables(sql)
  assert.is(await hasTable(sql, 'wfg', 'run'), true)
  assert.equal(await sql.query('SELECT version FROM wfg.version'), [{ version: 4 }])
  await sql.query('UPDATE wfg.version SET version = 7')
  const error = await rejects(prepareTables(sql), { instance: ConfigError })
  assert.match(error.message, 'its tables have version 7')
  assert.match(error.message, 'this one knows up to version 4')
  await sql.close()
})

tables.run()
