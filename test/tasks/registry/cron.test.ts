import { Cron } from 'croner'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CronFields, portableCron, readCron } from '../../../runtime/tasks/registry/cron.ts'

const cron = suite('tasks/cron')

const ALL = { minutes: undefined, hours: undefined, days: undefined, months: undefined, weekdays: undefined }

for (const [text, expected] of [
  ['* * * * *', {}],
  ['0 2 * * *', { minutes: [0], hours: [2] }],
  ['*/20 8-18/5 * * mon-FRI', { minutes: [0, 20, 40], hours: [8, 13, 18], weekdays: [1, 2, 3, 4, 5] }],
  ['5,1,3-4 0 1,15 jan,Dec *', { minutes: [1, 3, 4, 5], hours: [0], days: [1, 15], months: [1, 12] }],
  ['0 0 * * 7', { minutes: [0], hours: [0], weekdays: [0] }],
  ['0 0 * * 5-7', { minutes: [0], hours: [0], weekdays: [0, 5, 6] }],
  ['0 0 29 2 *', { minutes: [0], hours: [0], days: [29], months: [2] }],
  ['0 0 31 2 1', { minutes: [0], hours: [0], days: [31], months: [2], weekdays: [1] }],
  ['  0   2 * * *  ', { minutes: [0], hours: [2] }],
] as const) {
  cron(`readCron() reads ${JSON.stringify(text)}, and croner does`, () => {
    assert.equal(readCron(text), { ...ALL, ...expected })
    assert.ok(new Cron(text.trim()).nextRun(new Date('2026-01-01')) !== null)
  })
}

for (const [text, told] of [
  ['', 'it has 1 field, and needs 5'],
  ['0 2 * *', 'it has 4 fields, and needs 5'],
  ['0 0 2 * * *', 'it has 6 fields, and needs 5'],
  ['60 2 * * *', 'its minute "60" cannot be read; expected 0 to 59, as in'],
  ['0 24 * * *', 'its hour "24" cannot be read'],
  ['0 2 0 * *', 'its day of the month "0"'],
  ['0 2 * foo *', 'its month "foo" cannot be read; expected 1 to 12, or jan to dec'],
  ['0 2 * * 8', 'its day of the week "8"'],
  ['0 5-2 * * *', 'its hour "5-2"'],
  ['*/0 * * * *', 'its minute "*/0"'],
  ['5/15 * * * *', 'its minute "5/15"'],
  ['0 2 L * *', 'its day of the month "L"'],
  ['0,, 2 * * *', 'its minute "0,,"'],
  ['0 0 30 2 *', 'none of its months has that day'],
  ['0 0 31 4,6,9,11 *', 'none of its months has that day'],
  ['0 0 */2 * 1', 'it combines a step of * for one kind of day with the other kind'],
] as const) {
  cron(`readCron() refuses ${JSON.stringify(text)}`, () => {
    const problem = readCron(text)
    assert.type(problem, 'string')
    assert.match(problem as string, told)
  })
}

for (const [text, portable] of [
  ['0 0 31 dec *', '0 0 31 12 *'],
  [' 0  0 * JAN-mar,Dec  Mon-FRI ', '0 0 * 1-3,12 1-5'],
  ['0 0 * * sun', '0 0 * * 0'],
  ['0 0 * * 5-7', '0 0 * * 0,5,6'],
  ['*/20 8-18 1,15 */2 *', '*/20 8-18 1,15 */2 *'],
] as const) {
  cron(`portableCron() writes ${JSON.stringify(text)} as every engine reads it`, () => {
    assert.is(portableCron(text, readCron(text) as CronFields), portable)
  })
}

cron.run()
