import process from 'node:process'
import * as fflate from 'fflate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createZip } from '../../../../runtime/tasks/output/xlsx/zip.ts'
import { notRun } from '../../../_not_run.ts'

const zip = suite('tasks/output/xlsx/zip')

/** As hexadecimal digits. */
function archive(): string {
  const made = createZip(fflate)
  made.startFile('a.xml')
  made.add('text', true)
  made.end()
  return Buffer.concat(made.take()).toString('hex')
}

zip('an archive is made in every time zone, and is the same in all', () => {
  const before = process.env['TZ']
  const found = ['Pacific/Honolulu', 'UTC', 'Pacific/Auckland'].map((zone) => {
    process.env['TZ'] = zone
    return { hours: new Date(0).getHours(), archive: archive() }
  })
  if (before === undefined) delete process.env['TZ']
  else process.env['TZ'] = before
  if (new Set(found.map(({ hours }) => hours)).size < 3)
    return notRun('this runtime takes no other time zone while it runs')
  assert.is(new Set(found.map((each) => each.archive)).size, 1)
})

zip.run()
