import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scheduleProblems } from '../../../runtime/tasks/registry/check_schedule.ts'
import type { Schedule } from '../../../runtime/tasks/registry/entry.ts'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'

const check = suite('tasks/check_schedule')

function problems(schedule: Schedule, entry: object = { script: 'a.ts' }): string[] {
  return scheduleProblems(defineTasks(import.meta.url, { a: { ...entry, schedule } }).find('a')!)
}

check('scheduleProblems() has none for times that come in a zone that there is', () => {
  assert.equal(problems({ cron: '0 2 * * 1-5' }), [])
  assert.equal(problems({ cron: '0 2 29 2 *', tz: 'America/New_York', args: { a: 1 }, missed: 'once' }), [])
})

for (const [schedule, told] of [
  [{ cron: '0 2 30 2 *' }, '"a": the schedule\'s cron "0 2 30 2 *" is not valid: none of its months has that day'],
  [{ cron: '@daily' }, 'is not valid: it has 1 field, and needs 5'],
  [{ cron: '0 2 * * *', tz: 'Europe/Pariss' }, 'the schedule\'s time zone "Europe/Pariss" does not exist'],
  [{ cron: '0 2 * * *', tz: 'Europe/Pariss' }, 'did you mean "Europe/Paris"?'],
  [{ cron: '0 2 * * *', tz: '+02:00' }, 'the schedule\'s time zone "+02:00" does not exist'],
  [{ cron: '0 2 * * *', tz: '' }, 'the schedule\'s time zone "" does not exist'],
] as const) {
  check(`scheduleProblems() tells what is wrong with ${JSON.stringify(schedule)}`, () => {
    const found = problems(schedule)
    assert.is(found.length, 1)
    assert.ok(found[0]!.includes(told), found[0])
  })
}

check('scheduleProblems() tells of arguments for a task without a script', () => {
  const found = problems({ cron: '0 2 * * *', args: {} }, { needs: ['b'] })
  assert.equal(found, ['"a": the schedule\'s "args" have no effect: the task has no script of its own'])
})

check.run()
