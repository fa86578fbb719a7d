import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { defineTasks } from '../../../runtime/tasks/registry/registry.ts'
import { outAt, outProblems } from '../../../runtime/tasks/registry/schedule_out.ts'
import { REPOSITORY } from '../../_cli.ts'

const schedule = suite('tasks/schedule_out')

function problems(out: string, entry: object = { script: 'a.ts' }): string[] {
  const registry = defineTasks(import.meta.url, { a: { ...entry, schedule: { cron: '0 2 * * *', out } } })
  return outProblems({ directory: REPOSITORY }, registry.find('a')!)
}

schedule('outProblems() has none for a file in the folder of tasks.ts', () => {
  for (const out of ['report.csv', '.wfg/{date}/overdue-{time}-{id}.xlsx', 'rows']) assert.equal(problems(out), [])
})

for (const [out, told] of [
  ['a-{day}.csv', 'has the unknown {day}; expected {date}, {time}, {id}'],
  ['a-{date.csv', 'has the unknown {date.csv; expected'],
  ['a.txt', 'the extension .txt names no format'],
  ['../a.csv', 'it is outside of the folder of tasks.ts'],
  [join(REPOSITORY, '..', 'a.csv'), 'it is outside of the folder of tasks.ts'],
  ['scripts/a.csv', 'it would replace "scripts"'],
  ['package.json', 'it would replace "package.json"'],
  ['{id}/../.git/a.csv', 'it would replace ".git"'],
] as const) {
  schedule(`outProblems() refuses ${out.replace(REPOSITORY, '…')}`, () => {
    const found = problems(out)
    assert.is(found.length, 1)
    assert.ok(found[0]!.includes(told), found[0])
  })
}

schedule('outProblems() tells of a task without a script', () => {
  assert.match(problems('a.csv', { needs: ['b'] }).join(), 'has no effect: the task has no script of its own')
})

schedule('outAt() gives date and time in the zone of the schedule, and leaves the id', () => {
  const at = (tz: string | undefined, time: string) => outAt({ out: '{date}/{time}-{id}.csv', tz }, new Date(time))
  assert.is(at(undefined, '2026-11-29T02:15:00Z'), '2026-11-29/0215-{id}.csv')
  assert.is(at('America/New_York', '2026-11-29T02:15:00Z'), '2026-11-28/2115-{id}.csv')
  assert.is(at('Europe/Paris', '2026-10-24T22:00:00Z'), '2026-10-25/0000-{id}.csv')
})

schedule.run()
