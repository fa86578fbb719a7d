import { Cron } from 'croner'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cronInUtc, firstTime, offsetsOf } from '../../runtime/export/utc.ts'
import { type CronFields, readCron } from '../../runtime/tasks/registry/cron.ts'

const utc = suite('cli/export/utc')

const FROM = Date.UTC(2026, 10, 1)
const CRONS = ['0 2 * * *', '*/15 * * * *', '30 22-23,0-1 * * 1-5', '5,50 4 * * sun', '0 */6 * * *', '59 23 * * 6']

for (const tz of ['UTC', 'Asia/Tokyo', 'Asia/Kolkata', 'Asia/Kathmandu', 'Pacific/Honolulu', 'America/Phoenix']) {
  utc(`cronInUtc() gives the very times of ${tz}`, () => {
    const [offset, ...others] = offsetsOf(tz, FROM)
    assert.equal(others, [])
    for (const cron of CRONS) {
      const converted = cronInUtc(readCron(cron) as CronFields, offset!)
      const from = new Date(FROM)
      const times = converted!
        .flatMap((each) => new Cron(each, { timezone: 'UTC' }).nextRuns(60, from))
        .sort((a, b) => a.getTime() - b.getTime())
      assert.equal(times.slice(0, 60), new Cron(cron, { timezone: tz }).nextRuns(60, from), `${cron}: ${converted}`)
    }
  })
}

utc('cronInUtc() moves no date to another month', () => {
  assert.is(cronInUtc(readCron('0 2 1 * *') as CronFields, 540), undefined)
  assert.is(cronInUtc(readCron('0 2 * 3 *') as CronFields, 540), undefined)
  assert.equal(cronInUtc(readCron('0 12 1 3 *') as CronFields, 540), ['0 3 1 3 *'])
})

utc('offsetsOf() tells of a clock that is changed, and firstTime() what it does', () => {
  const fields = readCron('30 0 * * *') as CronFields
  assert.equal(offsetsOf('Europe/Paris', FROM).sort(), [120, 60])
  assert.equal([firstTime(fields, 60), firstTime(fields, 120), firstTime(fields, 0)], ['23:30', '22:30', '00:30'])
})

utc.run()
